"""Whatever seals has told the vault where: else a rotation of its keys would pass over it."""

import ast

from django.apps import apps
from django.db.models import Model

from connect_portal.authorizations.models.accounts import HoldsKey
from connect_portal.kit import sealed
from tests.architecture.source import modules


def sealers() -> set[str]:
    """Every module that seals values, by its dotted name."""
    return {
        path.removesuffix(".py").replace("/", ".")
        for path, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and getattr(node.func, "attr", getattr(node.func, "id", "")) == "seal"
    }


def models_that_hold_keys() -> set[type[Model]]:
    return {model for model in apps.get_models() if issubclass(model, HoldsKey)}


def test_every_module_that_seals_is_known_to_the_vault() -> None:
    assert sealers() == {entry.sealer for entry in sealed.known()}


def test_every_table_that_holds_keys_is_known_to_the_vault() -> None:
    assert models_that_hold_keys()
    assert models_that_hold_keys() <= {entry.model for entry in sealed.known()}


def test_every_column_named_sealed_is_known_to_the_vault() -> None:
    named = {
        f"{model._meta.db_table}.{field.column}"
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if "sealed" in str(field.column)
    }
    assert named <= {entry.name for entry in sealed.known()}

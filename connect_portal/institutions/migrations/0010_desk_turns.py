"""Says of applications that are under way whose turn it is, and since when they stand there."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

TURNS = {
    "submitted": "system",
    "in_review": "account_manager",
    "info_requested": "applicant",
    "qualified": "account_manager",
    "contracting": "account_manager",
    "contract_sent": "applicant",
    "contract_signed": "compliance",
    "tech_setup": "applicant",
    "tech_review": "technical",
    "sandbox_test": "system",
    "go_live_review": "technical",
    "online_test": "system",
    "monitoring": "account_manager",
    "suspended": "compliance",
    "offboarding": "finance",
}
CHECKERS = {
    "approve": "compliance",
    "reject": "account_manager",
    "send_contract": "finance",
    "provision": "account_manager",
    "approve_live": "account_manager",
    "suspend": "account_manager",
    "reinstate": "account_manager",
    "offboard": "finance",
}


def say_whose_turn_it_is(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    application = apps.get_model("institutions", "Application")
    for step, hand in TURNS.items():
        application.objects.filter(step=step).update(waits_for=hand)
    for event, hand in CHECKERS.items():
        proposed = application.objects.filter(proposals__event=event, proposals__state="open")
        application.objects.filter(pk__in=proposed.values("pk")).update(waits_for=hand)
    schema_editor.execute(
        "UPDATE institutions_application SET moved_at = (SELECT max(at) FROM institutions_move"
        ' WHERE application_id = institutions_application.id AND source <> "to")'
    )


class Migration(migrations.Migration):
    dependencies = [("institutions", "0009_desk")]

    operations = [migrations.RunPython(say_whose_turn_it_is, migrations.RunPython.noop)]

"""A contract's plan version becomes a reference, now that plans have their own room."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("institutions", "0002_onboarding"),
        ("terms", "0001_initial"),
    ]

    operations = [
        migrations.RenameField("contract", "plan_version_id", "plan_version"),
        migrations.AlterField(
            model_name="contract",
            name="plan_version",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="terms.planversion",
            ),
        ),
    ]

"""A proposal to send a contract fixes what exactly is confirmed."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("institutions", "0015_directory")]

    operations = [
        migrations.AddField(
            model_name="proposal",
            name="terms",
            field=models.JSONField(
                default=dict, help_text="What exactly is confirmed, of a contract."
            ),
        ),
    ]

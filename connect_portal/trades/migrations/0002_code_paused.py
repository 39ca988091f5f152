"""A fill with a code that was suspended or retired says so."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("trades", "0001_initial"),
    ]

    operations = [
        migrations.AlterField(
            model_name="attribution",
            name="reason",
            field=models.CharField(
                choices=[
                    ("own_code", "Your code"),
                    ("no_tag", "No tag"),
                    ("foreign_tag", "Foreign tag"),
                    ("code_paused", "Code suspended or retired"),
                    ("sdk_tag", "Client library's own tag"),
                    ("malformed_tag", "Not a Connect code"),
                ],
                max_length=16,
            ),
        ),
        migrations.AlterField(
            model_name="minuterollup",
            name="reason",
            field=models.CharField(
                choices=[
                    ("own_code", "Your code"),
                    ("no_tag", "No tag"),
                    ("foreign_tag", "Foreign tag"),
                    ("code_paused", "Code suspended or retired"),
                    ("sdk_tag", "Client library's own tag"),
                    ("malformed_tag", "Not a Connect code"),
                ],
                max_length=16,
            ),
        ),
    ]

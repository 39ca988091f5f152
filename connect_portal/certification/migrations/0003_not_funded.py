from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("certification", "0002_funded"),
    ]

    operations = [
        migrations.RemoveField(model_name="run", name="funded"),
    ]

"""When somebody said that a case is not to be renewed."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("exceptions_app", "0015_renewals"),
    ]

    operations = [
        migrations.AddField(
            model_name="exceptioncase",
            name="let_end_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="historicalexceptioncase",
            name="let_end_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]

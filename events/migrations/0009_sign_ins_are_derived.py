from django.db import migrations, models


class Migration(migrations.Migration):
    """Chances of before have no address of their own: nobody can use them any more, and the sweep forgets them."""

    dependencies = [
        ("events", "0008_messages_are_rows"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="signin", name="sign_in_recent"),
        migrations.RemoveField(model_name="signin", name="person"),
        migrations.RemoveField(model_name="signin", name="code_digest"),
        migrations.RemoveField(model_name="signin", name="link_digest"),
        migrations.AddField(
            model_name="signin",
            name="door",
            field=models.CharField(
                choices=[("organize", "organizer console"), ("my", "my registrations")], default="organize", max_length=10
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="signin",
            name="email_key",
            field=models.CharField(default="", max_length=254),
            preserve_default=False,
        ),
        migrations.AddIndex(
            model_name="signin",
            index=models.Index(fields=["email_key", "created_at"], name="sign_in_of_address"),
        ),
        migrations.AddConstraint(
            model_name="signin",
            constraint=models.CheckConstraint(
                condition=models.Q(("door__in", ["organize", "my"])), name="sign_in_door_is_known"
            ),
        ),
    ]

"""Onboarding gets its full state machine: every step that was reached finds its place in it."""

import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

STEPS = """
    CASE {0}
        WHEN 'applied' THEN 'in_review' WHEN 'information' THEN 'info_requested'
        WHEN 'contacted' THEN 'contracting' WHEN 'contract_accepted' THEN 'tech_review'
        WHEN 'technical_access' THEN 'sandbox_test' WHEN 'test_trading' THEN 'go_live_review'
        WHEN 'live' THEN 'monitoring' WHEN 'complete' THEN 'active' ELSE {0}
    END
"""
EVENTS = """
    CASE {0}
        WHEN 'applied' THEN 'submit' WHEN 'information' THEN 'request_info'
        WHEN 'qualified' THEN 'approve' WHEN 'contacted' THEN 'log_contact'
        WHEN 'contract_accepted' THEN 'sign' WHEN 'technical_access' THEN 'provision'
        WHEN 'test_trading' THEN 'certify' WHEN 'live' THEN 'approve_live'
        WHEN 'complete' THEN 'complete' WHEN 'rejected' THEN 'reject' ELSE 'withdraw'
    END
"""
CARRY_OVER = f"""
    UPDATE institutions_move SET event = {EVENTS.format('"to"')};
    UPDATE institutions_move SET event = 'resubmit'
        WHERE event = 'submit' AND source = 'information';
    UPDATE institutions_move SET source = {STEPS.format("source")}, "to" = {STEPS.format('"to"')};
    UPDATE institutions_proposal SET event = {EVENTS.format('"to"')};
    UPDATE institutions_application SET step = {STEPS.format("step")};
    UPDATE institutions_contract SET sent_at = accepted_at, countersigned_at = accepted_at,
        countersigned_by = 'system:migration', valid_to = accepted_at + interval '365 days';
"""


class Migration(migrations.Migration):
    dependencies = [
        ("institutions", "0003_plan_version"),
        ("terms", "0002_immutable"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CodePause",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField(null=True)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="application",
            name="institutions_application_one_open",
        ),
        migrations.RemoveConstraint(
            model_name="application",
            name="institutions_step_known",
        ),
        migrations.RemoveConstraint(
            model_name="application",
            name="institutions_application_opens_one_when_qualified",
        ),
        migrations.RemoveConstraint(
            model_name="connectcode",
            name="institutions_code_one_in_use",
        ),
        migrations.AddField(
            model_name="contract",
            name="countersigned_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="contract",
            name="countersigned_by",
            field=models.CharField(
                blank=True,
                help_text="Who signed for the exchange, as the trail has it.",
                max_length=120,
            ),
        ),
        migrations.AddField(
            model_name="contract",
            name="sent_at",
            field=models.DateTimeField(default=django.utils.timezone.now),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="contract",
            name="valid_to",
            field=models.DateTimeField(help_text="In force until then, unless renewed.", null=True),
        ),
        migrations.AddField(
            model_name="move",
            name="event",
            field=models.CharField(
                choices=[
                    ("submit", "Submit"),
                    ("screen", "Screen"),
                    ("request_info", "Request information"),
                    ("resubmit", "Submit again"),
                    ("approve", "Approve"),
                    ("reject", "Reject"),
                    ("appeal", "Appeal"),
                    ("withdraw", "Withdraw"),
                    ("expire", "Expire"),
                    ("log_contact", "Log the contact"),
                    ("send_contract", "Send the contract"),
                    ("sign", "Sign the contract"),
                    ("countersign", "Countersign"),
                    ("decline_contract", "Decline the signed contract"),
                    ("submit_tech", "Submit the technical details"),
                    ("return_tech", "Return the technical details"),
                    ("provision", "Give technical access"),
                    ("certify", "Certify"),
                    ("approve_live", "Go live"),
                    ("return_test", "Return to the sandbox test"),
                    ("first_fill", "Note the first tagged fill"),
                    ("complete", "Complete"),
                    ("extend", "Extend the observation"),
                    ("fail", "Send back to the sandbox test"),
                    ("suspend", "Suspend"),
                    ("reinstate", "Reinstate"),
                    ("lapse", "Suspend for an expired contract"),
                    ("offboard", "Offboard"),
                    ("close", "Close"),
                ],
                default="",
                max_length=20,
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="proposal",
            name="event",
            field=models.CharField(
                choices=[
                    ("submit", "Submit"),
                    ("screen", "Screen"),
                    ("request_info", "Request information"),
                    ("resubmit", "Submit again"),
                    ("approve", "Approve"),
                    ("reject", "Reject"),
                    ("appeal", "Appeal"),
                    ("withdraw", "Withdraw"),
                    ("expire", "Expire"),
                    ("log_contact", "Log the contact"),
                    ("send_contract", "Send the contract"),
                    ("sign", "Sign the contract"),
                    ("countersign", "Countersign"),
                    ("decline_contract", "Decline the signed contract"),
                    ("submit_tech", "Submit the technical details"),
                    ("return_tech", "Return the technical details"),
                    ("provision", "Give technical access"),
                    ("certify", "Certify"),
                    ("approve_live", "Go live"),
                    ("return_test", "Return to the sandbox test"),
                    ("first_fill", "Note the first tagged fill"),
                    ("complete", "Complete"),
                    ("extend", "Extend the observation"),
                    ("fail", "Send back to the sandbox test"),
                    ("suspend", "Suspend"),
                    ("reinstate", "Reinstate"),
                    ("lapse", "Suspend for an expired contract"),
                    ("offboard", "Offboard"),
                    ("close", "Close"),
                ],
                default="",
                max_length=20,
            ),
            preserve_default=False,
        ),
        migrations.RunSQL(CARRY_OVER, migrations.RunSQL.noop),
        migrations.RemoveField(
            model_name="proposal",
            name="to",
        ),
        migrations.AlterField(
            model_name="application",
            name="step",
            field=models.CharField(
                choices=[
                    ("draft", "Draft"),
                    ("submitted", "Submitted"),
                    ("in_review", "In review"),
                    ("info_requested", "Information requested"),
                    ("qualified", "Qualified"),
                    ("contracting", "Contracting"),
                    ("contract_sent", "Contract sent"),
                    ("contract_signed", "Contract signed"),
                    ("tech_setup", "Technical set-up"),
                    ("tech_review", "Technical review"),
                    ("sandbox_test", "Sandbox test"),
                    ("go_live_review", "Go-live review"),
                    ("online_test", "Online test"),
                    ("monitoring", "Monitoring"),
                    ("active", "Active"),
                    ("suspended", "Suspended"),
                    ("offboarding", "Offboarding"),
                    ("terminated", "Terminated"),
                    ("rejected", "Rejected"),
                    ("withdrawn", "Withdrawn"),
                    ("expired", "Expired"),
                ],
                default="draft",
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="connectcode",
            name="state",
            field=models.CharField(
                choices=[
                    ("reserved", "Reserved"),
                    ("sandbox", "Sandbox only"),
                    ("active", "Active"),
                    ("suspended", "Suspended"),
                    ("retired", "Retired"),
                    ("void", "Void"),
                ],
                max_length=12,
            ),
        ),
        migrations.AlterField(
            model_name="contract",
            name="accepted_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AlterField(
            model_name="contract",
            name="accepted_by",
            field=models.CharField(
                blank=True,
                help_text="The name that was typed by the institution's owner.",
                max_length=150,
            ),
        ),
        migrations.AlterField(
            model_name="move",
            name="source",
            field=models.CharField(
                choices=[
                    ("draft", "Draft"),
                    ("submitted", "Submitted"),
                    ("in_review", "In review"),
                    ("info_requested", "Information requested"),
                    ("qualified", "Qualified"),
                    ("contracting", "Contracting"),
                    ("contract_sent", "Contract sent"),
                    ("contract_signed", "Contract signed"),
                    ("tech_setup", "Technical set-up"),
                    ("tech_review", "Technical review"),
                    ("sandbox_test", "Sandbox test"),
                    ("go_live_review", "Go-live review"),
                    ("online_test", "Online test"),
                    ("monitoring", "Monitoring"),
                    ("active", "Active"),
                    ("suspended", "Suspended"),
                    ("offboarding", "Offboarding"),
                    ("terminated", "Terminated"),
                    ("rejected", "Rejected"),
                    ("withdrawn", "Withdrawn"),
                    ("expired", "Expired"),
                ],
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="move",
            name="to",
            field=models.CharField(
                choices=[
                    ("draft", "Draft"),
                    ("submitted", "Submitted"),
                    ("in_review", "In review"),
                    ("info_requested", "Information requested"),
                    ("qualified", "Qualified"),
                    ("contracting", "Contracting"),
                    ("contract_sent", "Contract sent"),
                    ("contract_signed", "Contract signed"),
                    ("tech_setup", "Technical set-up"),
                    ("tech_review", "Technical review"),
                    ("sandbox_test", "Sandbox test"),
                    ("go_live_review", "Go-live review"),
                    ("online_test", "Online test"),
                    ("monitoring", "Monitoring"),
                    ("active", "Active"),
                    ("suspended", "Suspended"),
                    ("offboarding", "Offboarding"),
                    ("terminated", "Terminated"),
                    ("rejected", "Rejected"),
                    ("withdrawn", "Withdrawn"),
                    ("expired", "Expired"),
                ],
                max_length=20,
            ),
        ),
        migrations.AddConstraint(
            model_name="application",
            constraint=models.UniqueConstraint(
                models.F("applicant"),
                django.db.models.functions.text.Lower("company"),
                condition=models.Q(
                    ("step__in", ("terminated", "rejected", "withdrawn", "expired")), _negated=True
                ),
                name="institutions_application_one_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="application",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "step__in",
                        [
                            "draft",
                            "submitted",
                            "in_review",
                            "info_requested",
                            "qualified",
                            "contracting",
                            "contract_sent",
                            "contract_signed",
                            "tech_setup",
                            "tech_review",
                            "sandbox_test",
                            "go_live_review",
                            "online_test",
                            "monitoring",
                            "active",
                            "suspended",
                            "offboarding",
                            "terminated",
                            "rejected",
                            "withdrawn",
                            "expired",
                        ],
                    )
                ),
                name="institutions_step_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="application",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("institution__isnull", True),
                        (
                            "step__in",
                            (
                                "draft",
                                "submitted",
                                "in_review",
                                "info_requested",
                                "rejected",
                                "withdrawn",
                                "expired",
                            ),
                        ),
                    ),
                    models.Q(
                        models.Q(
                            (
                                "step__in",
                                (
                                    "draft",
                                    "submitted",
                                    "in_review",
                                    "info_requested",
                                    "rejected",
                                    "withdrawn",
                                    "expired",
                                ),
                            ),
                            _negated=True,
                        ),
                        ("institution__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="institutions_application_opens_one_when_qualified",
            ),
        ),
        migrations.AddConstraint(
            model_name="connectcode",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ("retired", "void")), _negated=True),
                fields=("institution", "venue"),
                name="institutions_code_one_in_use",
            ),
        ),
        migrations.AddConstraint(
            model_name="contract",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("countersigned_at", None), ("accepted_at__isnull", False), _connector="OR"
                ),
                name="institutions_contract_countersigned_after",
            ),
        ),
        migrations.AddConstraint(
            model_name="contract",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("live_since", None), ("countersigned_at__isnull", False), _connector="OR"
                ),
                name="institutions_contract_live_when_in_force",
            ),
        ),
        migrations.AddField(
            model_name="codepause",
            name="code",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="pauses",
                to="institutions.connectcode",
            ),
        ),
        migrations.AddConstraint(
            model_name="codepause",
            constraint=models.UniqueConstraint(
                condition=models.Q(("until", None)),
                fields=("code",),
                name="institutions_code_paused_once",
            ),
        ),
    ]

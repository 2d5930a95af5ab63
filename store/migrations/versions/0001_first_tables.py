"""Every table, as the first version of the service has them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, and the tenant that needs no ceremony."""
    op.create_table(
        "access_tokens",
        sa.Column("token_id", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("secret_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("issued_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("token_id", name=op.f("pk_access_tokens")),
    )
    op.create_index(op.f("ix_access_tokens_expires_at"), "access_tokens", ["expires_at"], unique=False)
    op.create_index(op.f("ix_access_tokens_key_id"), "access_tokens", ["key_id"], unique=False)
    op.create_table(
        "api_keys",
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("secret_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("rate_per_minute", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("key_id", name=op.f("pk_api_keys")),
    )
    op.create_index(op.f("ix_api_keys_tenant"), "api_keys", ["tenant"], unique=False)
    op.create_table(
        "assignments",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("assignment_id", sa.Text(), nullable=False),
        sa.Column("course_id", sa.Text(), nullable=False),
        sa.Column("employee_id", sa.Text(), nullable=True),
        sa.Column("role_id", sa.Text(), nullable=True),
        sa.Column("department", sa.Text(), nullable=True),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("due_days", sa.Integer(), nullable=True),
        sa.Column("recur_days", sa.Integer(), nullable=True),
        sa.Column("position", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "assignment_id", name=op.f("pk_assignments")),
    )
    op.create_index(op.f("ix_assignments_tenant_employee_id"), "assignments", ["tenant", "employee_id"], unique=False)
    op.create_table(
        "completions",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("fact_id", sa.Text(), nullable=False),
        sa.Column("employee_id", sa.Text(), nullable=False),
        sa.Column("course_id", sa.Text(), nullable=False),
        sa.Column("completed_at", sa.BigInteger(), nullable=False),
        sa.Column("score", sa.Double(), nullable=True),
        sa.Column("progress", sa.Double(), nullable=True),
        sa.Column("origin", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "fact_id", name=op.f("pk_completions")),
    )
    op.create_index(op.f("ix_completions_tenant_employee_id"), "completions", ["tenant", "employee_id"], unique=False)
    op.create_table(
        "course_skills",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("course_id", sa.Text(), nullable=False),
        sa.Column("skill_id", sa.Text(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=True),
        sa.Column("entry_level", sa.Integer(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("confidence", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "course_id", "skill_id", name=op.f("pk_course_skills")),
    )
    op.create_table(
        "courses",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("course_id", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("provider", sa.Text(), nullable=True),
        sa.Column("format", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("difficulty", sa.Text(), nullable=True),
        sa.Column("hours", sa.Double(), nullable=True),
        sa.Column("cost", sa.Double(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("uri", sa.Text(), nullable=True),
        sa.Column("audience", sa.Text(), nullable=True),
        sa.Column("credential", sa.Text(), nullable=True),
        sa.Column("tags", sa.Text(), nullable=True),
        sa.Column("prerequisites", sa.Text(), nullable=True),
        sa.Column("supersedes", sa.Text(), nullable=True),
        sa.Column("available_from", sa.BigInteger(), nullable=True),
        sa.Column("available_to", sa.BigInteger(), nullable=True),
        sa.Column("published", sa.Boolean(), nullable=True),
        sa.Column("position", sa.BigInteger(), nullable=True),
        sa.Column("gone", sa.Boolean(), server_default="0", nullable=False),
        sa.Column("revision", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("tenant", "course_id", name=op.f("pk_courses")),
    )
    op.create_index(op.f("ix_courses_tenant_uri"), "courses", ["tenant", "uri"], unique=False)
    op.create_table(
        "decisions",
        sa.Column("decision_id", sa.Text(), nullable=False),
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("employee_id", sa.Text(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("model_version", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=True),
        sa.Column("shown", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("decision_id", name=op.f("pk_decisions")),
    )
    op.create_index(op.f("ix_decisions_at"), "decisions", ["at"], unique=False)
    op.create_index(op.f("ix_decisions_tenant_employee_id"), "decisions", ["tenant", "employee_id"], unique=False)
    op.create_table(
        "employees",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("employee_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("role_id", sa.Text(), nullable=True),
        sa.Column("target_role_id", sa.Text(), nullable=True),
        sa.Column("target_since", sa.BigInteger(), nullable=True),
        sa.Column("department", sa.Text(), nullable=True),
        sa.Column("location", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("hired_at", sa.BigInteger(), nullable=True),
        sa.Column("manager_id", sa.Text(), nullable=True),
        sa.Column("hours_per_week", sa.Double(), nullable=True),
        sa.Column("budget", sa.Double(), nullable=True),
        sa.Column("position", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "employee_id", name=op.f("pk_employees")),
    )
    op.create_table(
        "feedback",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("fact_id", sa.Text(), nullable=False),
        sa.Column("employee_id", sa.Text(), nullable=False),
        sa.Column("course_id", sa.Text(), nullable=False),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "fact_id", name=op.f("pk_feedback")),
    )
    op.create_index(op.f("ix_feedback_tenant_employee_id"), "feedback", ["tenant", "employee_id"], unique=False)
    op.create_table(
        "idempotency",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("headers", sa.Text(), nullable=False),
        sa.Column("employee_id", sa.Text(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "key_id", "idempotency_key", name=op.f("pk_idempotency")),
    )
    op.create_index(op.f("ix_idempotency_at"), "idempotency", ["at"], unique=False)
    op.create_index(op.f("ix_idempotency_tenant_employee_id"), "idempotency", ["tenant", "employee_id"], unique=False)
    op.create_table(
        "identities",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("employee_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("sha1", sa.Text(), nullable=True),
        sa.Column("sha1_as_given", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "kind", "value", name=op.f("pk_identities")),
    )
    op.create_index(op.f("ix_identities_tenant_form"), "identities", ["tenant", "form"], unique=False)
    op.create_index(op.f("ix_identities_tenant_sha1"), "identities", ["tenant", "sha1"], unique=False)
    op.create_index(op.f("ix_identities_tenant_sha1_as_given"), "identities", ["tenant", "sha1_as_given"], unique=False)
    op.create_index(op.f("ix_identities_tenant_employee_id"), "identities", ["tenant", "employee_id"], unique=False)
    op.create_table(
        "progress",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("fact_id", sa.Text(), nullable=False),
        sa.Column("employee_id", sa.Text(), nullable=False),
        sa.Column("course_id", sa.Text(), nullable=False),
        sa.Column("progress", sa.Double(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "fact_id", name=op.f("pk_progress")),
    )
    op.create_index(op.f("ix_progress_tenant_employee_id"), "progress", ["tenant", "employee_id"], unique=False)
    op.create_table(
        "rejects",
        sa.Column("reject_id", sa.Text(), nullable=False),
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("table_name", sa.Text(), nullable=False),
        sa.Column("row", sa.BigInteger(), nullable=False),
        sa.Column("column_name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("employee_id", sa.Text(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("reject_id", name=op.f("pk_rejects")),
    )
    op.create_index(op.f("ix_rejects_tenant_employee_id"), "rejects", ["tenant", "employee_id"], unique=False)
    op.create_table(
        "role_changes",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("fact_id", sa.Text(), nullable=False),
        sa.Column("employee_id", sa.Text(), nullable=False),
        sa.Column("from_role_id", sa.Text(), nullable=True),
        sa.Column("to_role_id", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "fact_id", name=op.f("pk_role_changes")),
    )
    op.create_index(op.f("ix_role_changes_tenant_employee_id"), "role_changes", ["tenant", "employee_id"], unique=False)
    op.create_table(
        "role_skills",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("role_id", sa.Text(), nullable=False),
        sa.Column("skill_id", sa.Text(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=True),
        sa.Column("importance", sa.Double(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "role_id", "skill_id", name=op.f("pk_role_skills")),
    )
    op.create_table(
        "roles",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("role_id", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("family", sa.Text(), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("uri", sa.Text(), nullable=True),
        sa.Column("position", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "role_id", name=op.f("pk_roles")),
    )
    op.create_table(
        "secrets",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_secrets")),
    )
    op.create_table(
        "skill_evidence",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("fact_id", sa.Text(), nullable=False),
        sa.Column("employee_id", sa.Text(), nullable=False),
        sa.Column("skill_id", sa.Text(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("observed_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "fact_id", name=op.f("pk_skill_evidence")),
    )
    op.create_index(
        op.f("ix_skill_evidence_tenant_employee_id"), "skill_evidence", ["tenant", "employee_id"], unique=False
    )
    op.create_table(
        "skills",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("skill_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("uri", sa.Text(), nullable=True),
        sa.Column("position", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "skill_id", name=op.f("pk_skills")),
    )
    op.create_table(
        "statements",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("statement_id", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("actor_kind", sa.Text(), nullable=True),
        sa.Column("actor_value", sa.Text(), nullable=True),
        sa.Column("activity", sa.Text(), nullable=True),
        sa.Column("target_statement_id", sa.Text(), nullable=True),
        sa.Column("effect", sa.Text(), nullable=False),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("employee_id", sa.Text(), nullable=True),
        sa.Column("course_id", sa.Text(), nullable=True),
        sa.Column("fact_table", sa.Text(), nullable=True),
        sa.Column("fact_id", sa.Text(), nullable=True),
        sa.Column("voided", sa.Boolean(), server_default="0", nullable=False),
        sa.Column("happened_at", sa.BigInteger(), nullable=False),
        sa.Column("stored_at", sa.BigInteger(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "statement_id", name=op.f("pk_statements")),
    )
    op.create_index(op.f("ix_statements_tenant_activity"), "statements", ["tenant", "activity"], unique=False)
    op.create_index(
        op.f("ix_statements_tenant_actor_kind_actor_value"),
        "statements",
        ["tenant", "actor_kind", "actor_value"],
        unique=False,
    )
    op.create_index(op.f("ix_statements_tenant_employee_id"), "statements", ["tenant", "employee_id"], unique=False)
    op.create_index(
        op.f("ix_statements_tenant_fact_table_fact_id"), "statements", ["tenant", "fact_table", "fact_id"], unique=False
    )
    op.create_index(op.f("ix_statements_tenant_sequence"), "statements", ["tenant", "sequence"], unique=False)
    op.create_index(op.f("ix_statements_tenant_status"), "statements", ["tenant", "status"], unique=False)
    op.create_index(
        op.f("ix_statements_tenant_target_statement_id"), "statements", ["tenant", "target_statement_id"], unique=False
    )
    op.create_table(
        "tenants",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("revision", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("catalogue_revision", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", name=op.f("pk_tenants")),
    )
    op.create_table(
        "tombstones",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "digest", name=op.f("pk_tombstones")),
    )
    op.execute("INSERT INTO tenants (tenant, created_at) VALUES ('default', 0)")


def downgrade() -> None:
    """Drop them all, with what they hold."""
    op.drop_table("tombstones")
    op.drop_table("tenants")
    op.drop_index(op.f("ix_statements_tenant_target_statement_id"), table_name="statements")
    op.drop_index(op.f("ix_statements_tenant_status"), table_name="statements")
    op.drop_index(op.f("ix_statements_tenant_sequence"), table_name="statements")
    op.drop_index(op.f("ix_statements_tenant_fact_table_fact_id"), table_name="statements")
    op.drop_index(op.f("ix_statements_tenant_employee_id"), table_name="statements")
    op.drop_index(op.f("ix_statements_tenant_actor_kind_actor_value"), table_name="statements")
    op.drop_index(op.f("ix_statements_tenant_activity"), table_name="statements")
    op.drop_table("statements")
    op.drop_table("skills")
    op.drop_index(op.f("ix_skill_evidence_tenant_employee_id"), table_name="skill_evidence")
    op.drop_table("skill_evidence")
    op.drop_table("secrets")
    op.drop_table("roles")
    op.drop_table("role_skills")
    op.drop_index(op.f("ix_role_changes_tenant_employee_id"), table_name="role_changes")
    op.drop_table("role_changes")
    op.drop_index(op.f("ix_rejects_tenant_employee_id"), table_name="rejects")
    op.drop_table("rejects")
    op.drop_index(op.f("ix_progress_tenant_employee_id"), table_name="progress")
    op.drop_table("progress")
    op.drop_index(op.f("ix_identities_tenant_employee_id"), table_name="identities")
    op.drop_index(op.f("ix_identities_tenant_sha1_as_given"), table_name="identities")
    op.drop_index(op.f("ix_identities_tenant_sha1"), table_name="identities")
    op.drop_index(op.f("ix_identities_tenant_form"), table_name="identities")
    op.drop_table("identities")
    op.drop_index(op.f("ix_idempotency_tenant_employee_id"), table_name="idempotency")
    op.drop_index(op.f("ix_idempotency_at"), table_name="idempotency")
    op.drop_table("idempotency")
    op.drop_index(op.f("ix_feedback_tenant_employee_id"), table_name="feedback")
    op.drop_table("feedback")
    op.drop_table("employees")
    op.drop_index(op.f("ix_decisions_tenant_employee_id"), table_name="decisions")
    op.drop_index(op.f("ix_decisions_at"), table_name="decisions")
    op.drop_table("decisions")
    op.drop_index(op.f("ix_courses_tenant_uri"), table_name="courses")
    op.drop_table("courses")
    op.drop_table("course_skills")
    op.drop_index(op.f("ix_completions_tenant_employee_id"), table_name="completions")
    op.drop_table("completions")
    op.drop_index(op.f("ix_assignments_tenant_employee_id"), table_name="assignments")
    op.drop_table("assignments")
    op.drop_index(op.f("ix_api_keys_tenant"), table_name="api_keys")
    op.drop_table("api_keys")
    op.drop_index(op.f("ix_access_tokens_key_id"), table_name="access_tokens")
    op.drop_index(op.f("ix_access_tokens_expires_at"), table_name="access_tokens")
    op.drop_table("access_tokens")

"""Keys and tokens in the database, on SQLite and PostgreSQL, and `lpr keys` over it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from databases import KINDS, database_url
from sqlalchemy import func, select

from recommender.errors import ArtifactError
from store import keys
from store.database import Database
from store.scopes import SCOPES, includes
from store.tables import access_tokens, api_keys, tenants
from training.__main__ import main

NOW = 1_800_000_000


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    with database_url(request.param, tmp_path) as url:
        made = Database(url)
        made.migrate()
        yield made
        made.close()


def create(database: Database, tenant: str = "default", **more: Any) -> tuple[keys.Key, str]:
    with database.change() as connection:
        return keys.create(connection, tenant, **{"name": "lms", "scopes": ["read"], "at": NOW, **more})


def verify(database: Database, text: str, at: int = NOW) -> keys.Verified | None:
    with database.read() as connection:
        return keys.verify(connection, text, at=at)


def test_a_key_is_verified_as_it_was_made(database: Database) -> None:
    key, text = create(database, "acme", scopes=["write", "read"], rate_per_minute=9, expires_at=NOW + 10)
    assert re.fullmatch(rf"lpr_{key.key_id}_[\w-]{{43}}", text)
    assert len(key.key_id) == 12
    expected = keys.Verified(key.key_id, "acme", frozenset({"read", "write"}), 9, NOW + 10)
    assert verify(database, text) == expected
    assert verify(database, text, NOW + 9) == expected
    assert verify(database, text, NOW + 10) is None


def test_only_its_hash_is_kept(database: Database) -> None:
    _, text = create(database)
    with database.read() as connection:
        row = connection.execute(select(api_keys)).mappings().one()
    secret = text.split("_", 2)[2]
    assert secret not in "".join(str(value) for value in row.values())
    assert len(bytes(row["secret_sha256"])) == 32


def test_no_two_keys_are_alike(database: Database) -> None:
    made = [create(database)[1].split("_", 2) for _ in range(20)]
    assert len({one[1] for one in made}) == len({one[2] for one in made}) == 20


def test_any_other_text_is_no_key(database: Database) -> None:
    key, text = create(database)
    other, other_text = create(database)
    last = "A" if text[-2] != "A" else "B"
    wrong = [
        text[:-2] + last + text[-1],
        text.replace(key.key_id, other.key_id),
        text.replace(key.key_id, "a" * 12),
        text.replace("lpr_", "lpt_"),
        text + "A",
        text[:-1],
        f" {text}",
        f"{text}\n",
        "",
        "ä",
        "lpr_' OR 1=1 --",
    ]
    assert [verify(database, one) for one in wrong] == [None] * len(wrong)
    assert verify(database, other_text) is not None


def test_a_revoked_key_and_its_tokens_are_worthless(database: Database) -> None:
    key, text = create(database)
    _, other = create(database)
    with database.change() as connection:
        token = keys.issue_token(connection, key.key_id, ["read"], at=NOW)
    assert verify(database, token) is not None
    with database.change() as connection:
        revoked = keys.revoke(connection, key.key_id, at=NOW + 1)
    assert revoked is not None
    assert revoked.revoked_at == NOW + 1
    assert [verify(database, one) for one in (text, token)] == [None, None]
    assert verify(database, other) is not None
    with database.change() as connection:
        again, nobody = keys.revoke(connection, key.key_id, at=NOW + 5), keys.revoke(connection, "nobody", at=NOW)
    assert again == revoked
    assert nobody is None


def test_a_token_allows_no_more_and_no_longer_than_its_key(database: Database) -> None:
    key, _ = create(database, scopes=["read", "xapi:write"], rate_per_minute=5, expires_at=NOW + 5_000)
    with database.change() as connection:
        token = keys.issue_token(connection, key.key_id, ["xapi:write"], at=NOW)
        late = keys.issue_token(connection, key.key_id, ["read"], at=NOW + 3_000)
    expected = keys.Verified(key.key_id, "default", frozenset({"xapi:write"}), 5, NOW + 3_600)
    assert verify(database, token, NOW + 3_599) == expected
    assert verify(database, token, NOW + 3_600) is None
    found = verify(database, late, NOW + 4_999)
    assert found is not None
    assert found.expires_at == NOW + 5_000
    assert verify(database, late, NOW + 5_000) is None


def test_expired_tokens_go_when_another_is_made(database: Database) -> None:
    key, _ = create(database)
    for at in (NOW, NOW + 10, NOW + keys.TOKEN_SECONDS):
        with database.change() as connection:
            keys.issue_token(connection, key.key_id, ["read"], at=at)
    with database.read() as connection:
        left = connection.execute(select(access_tokens.c.issued_at).order_by(access_tokens.c.issued_at)).scalars()
        assert list(left) == [NOW + 10, NOW + keys.TOKEN_SECONDS]


def test_a_key_makes_its_tenant_once(database: Database) -> None:
    create(database, "acme")
    create(database, "acme")
    with database.read() as connection:
        counted = select(func.count()).select_from(tenants).where(tenants.c.tenant == "acme")
        assert connection.execute(counted).scalar_one() == 1


@pytest.mark.parametrize("scopes", [[], ["reed"], ["read", "everything"]])
def test_unknown_scopes_are_refused(database: Database, scopes: list[str]) -> None:
    with pytest.raises(ValueError, match="expected some of read, write, admin"):
        create(database, scopes=scopes)


def test_an_unusable_tenant_is_refused(database: Database) -> None:
    with pytest.raises(ArtifactError, match="not a usable name"):
        create(database, "../other")


@pytest.mark.parametrize("scope", SCOPES)
def test_admin_includes_every_scope_and_no_other_includes_one(scope: str) -> None:
    assert includes(frozenset({"admin"}), scope)
    assert {one for one in SCOPES if includes(frozenset({one}), scope)} == {scope, "admin"}


# lpr keys


def lpr(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["keys", *arguments]) == 0
    return capsys.readouterr().out


def test_a_rate_beyond_what_every_database_holds_is_a_usage_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["keys", "create", "--db", f"sqlite:///{tmp_path / 'lpr.db'}", "--rate", "99999999999"]) == 2
    assert "--rate" in capsys.readouterr().err


@pytest.mark.parametrize("kind", KINDS)
def test_the_life_of_a_key_on_the_command_line(kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with database_url(kind, tmp_path) as url:
        options = ["--tenant", "acme", "--name", "lms", "--scope", "read", "--scope", "write", "--rate", "600"]
        made = json.loads(lpr(capsys, "create", "--db", url, *options, "--expires", "2030-01-31", "--json"))
        assert made["key"].startswith(f"lpr_{made['key_id']}_")
        assert (made["tenant"], made["scopes"], made["rate_per_minute"]) == ("acme", ["read", "write"], 600)
        assert made["expires_at"] == "2030-02-01T00:00:00Z"  # a date lasts until its end
        (listed,) = json.loads(lpr(capsys, "list", "--db", url, "--json"))["keys"]
        assert listed == {name: value for name, value in made.items() if name != "key"} | {"state": "usable"}
        assert json.loads(lpr(capsys, "list", "--db", url, "--tenant", "other", "--json")) == {"keys": []}
        assert json.loads(lpr(capsys, "revoke", made["key_id"], "--db", url, "--json"))["state"] == "revoked"
        assert made["key"] not in (shown := lpr(capsys, "list", "--db", url))
        assert "revoked" in shown


def test_a_key_is_shown_once_and_kept_out_of_what_a_program_reads(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["keys", "create", "--db", f"sqlite:///{tmp_path}/a.db"]) == 0
    shown = capsys.readouterr()
    assert keys.looks_like_one(shown.out.strip())
    assert "not be shown again" in shown.err


def test_revoking_nobody_s_key_is_bad_input(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["keys", "revoke", "nobody", "--db", f"sqlite:///{tmp_path}/a.db"]) == 2
    assert "there is no key 'nobody'" in capsys.readouterr().err


def test_a_date_that_is_past_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["keys", "create", "--db", f"sqlite:///{tmp_path}/a.db", "--expires", "2020-01-01"]) == 2
    assert "--expires" in capsys.readouterr().err

"""`POST /oauth2/token`: an access token for a key, by the client credentials grant (RFC 6749, 4.4)."""

from __future__ import annotations

from typing import Any

from authlib.integrations.flask_oauth2 import AuthorizationServer  # type: ignore[import-untyped]
from authlib.integrations.flask_oauth2.requests import (  # type: ignore[import-untyped]
    FlaskOAuth2Payload,
    FlaskOAuth2Request,
)
from authlib.oauth2.rfc6749 import OAuth2Request  # type: ignore[import-untyped]
from authlib.oauth2.rfc6749.errors import InvalidClientError, InvalidScopeError  # type: ignore[import-untyped]
from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant  # type: ignore[import-untyped]
from authlib.oauth2.rfc6750 import BearerTokenGenerator  # type: ignore[import-untyped]
from flask import Blueprint, Flask, Response, current_app, request

from store import keys
from store.scopes import SCOPES, includes
from web.answers_keys import TokenAnswer, TokenForm, TokenRefused
from web.auth import verified
from web.config import settings
from web.database import store
from web.operation import FORM, operation

oauth = Blueprint("oauth", __name__)

_EXTENSION = "lpr_oauth"


@oauth.post("/oauth2/token")
@operation(
    scope=None,
    tag="keys",
    body=TokenForm,
    body_media=FORM,
    answer=TokenAnswer,
    also={400: TokenRefused, 401: TokenRefused},
    errors=(503,),
)
def token() -> Response:
    """Give an access token for a key.

    The client id is the id of the key, the client secret the whole key, by HTTP Basic or in the form. `scope` names what
    the token may do, all that the key may unless said. Errors are those of RFC 6749.
    """
    server: AuthorizationServer = current_app.extensions[_EXTENSION]
    try:
        answer: Response = server.create_token_response()
    except UnicodeDecodeError:  # a name or secret that is no text, in HTTP Basic
        answer = server.handle_error_response(server.create_oauth2_request(None), InvalidClientError(status_code=401))
    return answer


def offer_tokens(app: Flask) -> None:
    """Make an application give access tokens."""
    server = _Server(app, query_client=_Client, save_token=_is_saved)
    server.register_grant(_Grant)
    app.extensions[_EXTENSION] = server


class _Client:
    """A key as the client of RFC 6749; nobody learns whether there is one before its secret is right."""

    def __init__(self, client_id: str) -> None:
        self.client_id = client_id
        self.key: keys.Verified | None = None

    def check_client_secret(self, client_secret: str) -> bool:
        found = verified(client_secret) if client_secret.startswith("lpr_") else None
        self.key = found if found is not None and found.key_id == self.client_id else None
        return self.key is not None

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method != "none"

    def check_grant_type(self, grant_type: str) -> bool:
        return bool(grant_type == _Grant.GRANT_TYPE)

    def get_allowed_scope(self, scope: str | None) -> str | None:
        """Return the scopes a token gets, None if the key does not have them all."""
        own = self.key.scopes if self.key else frozenset()
        asked = (scope or "").split() or sorted(own)
        return " ".join(asked) if all(one in SCOPES and includes(own, one) for one in asked) else None


class _Grant(ClientCredentialsGrant):  # type: ignore[misc]
    TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic", "client_secret_post")

    def validate_requested_scope(self) -> None:
        if self.request.client.get_allowed_scope(self.request.payload.scope) is None:
            raise InvalidScopeError(description="The key does not have every scope asked for.")


class _Request(FlaskOAuth2Request):  # type: ignore[misc]
    """A token request that is not refused for its scheme: whoever ends TLS stands before the service."""

    def __init__(self, asked: Any) -> None:
        OAuth2Request.__init__(self, asked.method, f"https://{asked.host}{asked.path}", headers=asked.headers)
        self._request = asked
        self.payload = FlaskOAuth2Payload(asked)


class _Server(AuthorizationServer):  # type: ignore[misc]
    def create_oauth2_request(self, _: object) -> _Request:
        return _Request(request)

    def create_bearer_token_generator(self, _: object) -> BearerTokenGenerator:
        return BearerTokenGenerator(_issued, expires_generator=_expires_in)


def _issued(*, client: _Client, scope: str, **_: object) -> str:
    with store().change() as connection:
        return keys.issue_token(connection, client.client_id, scope.split(), at=settings().clock())


def _expires_in(client: _Client, _grant_type: str) -> int:
    end = client.key.expires_at if client.key else None
    return keys.TOKEN_SECONDS if end is None else min(keys.TOKEN_SECONDS, end - settings().clock())


def _is_saved(_token: object, _request: object) -> None:
    """Nothing is left to do: a token is saved, by its hash, when it is made."""

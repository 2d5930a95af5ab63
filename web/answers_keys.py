"""What `/oauth2/token` takes and answers, in the words of RFC 6749, and what issues links into the pages."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from web.answers import Answer, Count, Instant, absent


class TokenForm(BaseModel):
    """Client credentials (RFC 6749, 4.4); the client may name itself by HTTP Basic instead."""

    grant_type: Literal["client_credentials"]
    client_id: Annotated[str, Field(description="The id of a key.")] = ""
    client_secret: Annotated[str, Field(description="The whole key.")] = ""
    scope: Annotated[str, Field(description="Scopes, separated by spaces; all of the key's unless said.")] = ""


class TokenAnswer(Answer):
    """An access token."""

    access_token: str
    token_type: str
    expires_in: Count
    scope: str = absent()


class TokenRefused(Answer):
    """Why there is no token."""

    error: str
    error_description: str = absent()


class LinkAnswer(Answer):
    """A link into the pages, good once."""

    url: Annotated[str, Field(description="The address to open in the browser of whom it is for.")]
    ticket: Annotated[str, Field(description="The same for a form: `POST /enter` with the field `ticket`.")]
    expires_at: Instant

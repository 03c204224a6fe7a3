"""Which token a request is offered with, and whether a refused one is offered again.

GitHub's replicas learn of a new token, and of its permissions, some seconds late (octokit/auth-app.js#65, #589): 401 and 403
in that time are not believed. Repeating is safe for writes too: a request refused for its token changed nothing.
"""

from __future__ import annotations

import asyncio

from app.adapters.github.errors import PERMISSION, UNAUTHORIZED
from app.adapters.github.tokens import Scope, Token, TokenBroker
from app.errors import HephaestusError, PermanentError

FRESH_S = 5.0
FIRST_WAIT_S = 0.25
LONGEST_WAIT_S = 1.0


class Trial:
    """One request's attempts to be believed."""

    def __init__(self, tokens: TokenBroker, scope: Scope) -> None:
        self._tokens, self._scope = tokens, scope
        self._wait_s = FIRST_WAIT_S
        self._renewed = False

    async def token(self) -> Token:
        """The token to send now."""
        return await self._tokens.token(self._scope)

    async def again(self, token: Token, error: HephaestusError) -> bool:
        """Whether to send the request again after this refusal; waits first where time may help."""
        if not isinstance(error, PermanentError) or error.code not in {UNAUTHORIZED, PERMISSION}:
            return False
        if self._tokens.is_fresh(token, FRESH_S):
            await asyncio.sleep(self._wait_s)
            self._wait_s = min(self._wait_s * 2, LONGEST_WAIT_S)
            return True
        if error.code == PERMISSION or self._renewed:
            return False
        self._tokens.drop(self._scope, token)
        self._renewed = True
        return True

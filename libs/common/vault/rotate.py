"""Brings every stored token under the key that encrypts now; old keys can be taken away afterwards."""

from __future__ import annotations

from sqlalchemy import select, update

from libs.common.database.engine import Database, Transaction
from libs.common.vault.grants import grants
from libs.common.vault.keyring import Keyring
from libs.common.vault.refresh import bound_to

COLUMNS = ("access_token", "refresh_token")


async def rotate(database: Database, keyring: Keyring) -> int:
    """How many grants were encrypted anew; those that change meanwhile already lie under the first key.

    Raises `Undecryptable` where a value's key is missing, and then leaves that grant and the rest as is.
    """
    async with database.reading() as transaction:
        ids = list((await transaction.execute(select(grants.c.id).order_by(grants.c.id))).scalars())
    return sum([await database.run(_Rotation(keyring, grant_id)) for grant_id in ids])


class _Rotation:
    """One grant in one transaction, as long as nobody else wrote its tokens in between."""

    def __init__(self, keyring: Keyring, grant_id: str) -> None:
        self.keyring = keyring
        self.grant_id = grant_id

    async def __call__(self, transaction: Transaction) -> bool:
        query = select(grants).where(grants.c.id == self.grant_id).with_for_update()
        row = (await transaction.execute(query)).one_or_none()
        if row is None:
            return False
        values = {
            column: self._anew(row._mapping[column], column)
            for column in COLUMNS
            if row._mapping[column] and not self.keyring.is_current(row._mapping[column])
        }
        if values:
            await transaction.execute(update(grants).where(grants.c.id == self.grant_id).values(**values))
        return bool(values)

    def _anew(self, value: str, column: str) -> str:
        bound = bound_to(self.grant_id, column)
        return self.keyring.encrypt(self.keyring.decrypt(value, bound), bound)

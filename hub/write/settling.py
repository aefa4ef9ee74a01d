"""Duties whose people change: the status follows from the people, and from nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from hub.store.database import Connection

HOLD: Final = """
    select id, contract_id, contractor_id, division_code from deletion_duty
    where id = any ($1::bigint[]) order by id for update"""
SETTLE: Final = """
    update deletion_duty d set status = case
        when n.open > 0 then 'OPEN'
        when n.pending > 0 then 'FILED'
        when n.certified > 0 then 'DONE'
        else 'RELEASED' end
    from (select o.id,
            count(p.id) filter (where p.released_on is null and p.deletion_certificate_id is null) as open,
            count(*) filter (where c.decision = 'PENDING') as pending,
            count(c.id) as certified
        from deletion_duty o
            left join deletion_duty_person p on p.deletion_duty_id = o.id
            left join deletion_certificate c on c.id = p.deletion_certificate_id
        where o.id = any ($1::bigint[]) group by o.id) n
    where d.id = n.id"""


@asynccontextmanager
async def settling(connection: Connection, *duties: int) -> AsyncIterator[list[Any]]:
    """Holds the duties, the lowest number first, and settles them at the end of the block.

    Who changes their people does it inside: counted before they are held, the people could be those from
    before a transaction beside this one; and who held people first could wait for who holds the duty.
    """
    held = await connection.fetch(HOLD, duties)
    yield held
    await connection.execute(SETTLE, duties)

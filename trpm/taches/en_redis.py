"""Les tâches dans Redis, dont les paquets s'installent à part (`.ci/installer reparti`)."""

from __future__ import annotations

import time
from uuid import uuid4

from django_q.brokers.redis_broker import Redis
from django_q.conf import Conf

from trpm.taches.courtiers import duree_du_bail

_PRENDRE = """
local pris = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, 1)[1]
if not pris then return nil end
redis.call('ZADD', KEYS[1], ARGV[2], pris)
return {pris, redis.call('HGET', KEYS[2], pris)}
"""


class EnRedis(Redis):
    """Les tâches dans Redis. La file de la bibliothèque y oublie une tâche dès qu'elle la donne ; ici, un
    ensemble trié dit à partir de quand chacune est à prendre, donc aussi jusqu'à quand elle est prêtée."""

    @property
    def _textes(self) -> str:
        return f"{self.list_key}:textes"

    def enqueue(self, task: str) -> str:
        numero = uuid4().hex
        ensemble = self.connection.pipeline()
        ensemble.hset(self._textes, numero, task)
        ensemble.zadd(self.list_key, {numero: time.time()})
        ensemble.execute()
        return numero

    def dequeue(self) -> list[tuple[str, str]] | None:
        maintenant = time.time()
        prendre = self.connection.register_script(_PRENDRE)
        pris = prendre(keys=[self.list_key, self._textes], args=[maintenant, maintenant + Conf.RETRY])
        if not pris:
            time.sleep(Conf.POLL)
            return None
        numero, tache = pris[0].decode(), pris[1].decode()
        self.connection.zadd(self.list_key, {numero: maintenant + duree_du_bail(tache)}, xx=True)
        return [(numero, tache)]

    def acknowledge(self, task_id: str) -> None:
        ensemble = self.connection.pipeline()
        ensemble.zrem(self.list_key, task_id)
        ensemble.hdel(self._textes, task_id)
        ensemble.execute()

    delete = fail = acknowledge

    def queue_size(self) -> int:
        return int(self.connection.zcount(self.list_key, "-inf", time.time()))

    def lock_size(self) -> int:
        return int(self.connection.zcount(self.list_key, time.time(), "+inf"))

    def delete_queue(self) -> int:
        return int(self.connection.delete(self.list_key, self._textes))

    purge_queue = delete_queue

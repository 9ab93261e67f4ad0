"""La session et le compte que chaque demande relit, par des requêtes gardées traduites.

Rien d'autre n'est gardé : une session fermée ou un compte désactivé l'est à la demande suivante. Django
récrivait ces deux requêtes à chaque page, plus longuement que la base n'y répond.
"""

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.utils import timezone

from trpm.base.preparees import Preparee

QUI_OUVRE = "trpm.comptes.session.ComptesOuverts"


@Preparee
def _ouverte(cle: str) -> QuerySet[Session, Session]:
    return Session.objects.filter(session_key=cle)


@Preparee
def _compte(pk: int) -> QuerySet[Any, Any]:
    return get_user_model().objects.filter(pk=pk)


class SessionStore(db.SessionStore):
    def _get_session_from_db(self) -> Session | None:
        """Celle qui n'est pas finie ; sans elle, la clé s'oublie."""
        for lue in _ouverte(self.session_key):
            if lue.expire_date > timezone.now():
                return lue
        self._session_key = None
        return None


class ComptesOuverts(ModelBackend):
    def get_user(self, user_id: int) -> Any:
        """Ce compte, s'il peut se connecter."""
        return next(filter(self.user_can_authenticate, _compte(user_id)), None)

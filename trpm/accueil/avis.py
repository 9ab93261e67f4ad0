"""L'avis hebdomadaire : ce qui attend, en nombres, sans nom d'élève ; et de quoi le couper d'un clic."""

from __future__ import annotations

import datetime
import logging
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from livret.models import Utilisateur
from trpm.a_faire import AFaire, Urgence
from trpm.accueil.liste import accueil_de
from trpm.courriel import courriel_regle, envoyer
from trpm.taches.file import enfiler
from trpm.textes import entier, pluriel

journal = logging.getLogger(__name__)
TOUS = Q()
ENTRE_DEUX = datetime.timedelta(days=6)
_SIGNE = Signer(salt="avis hebdomadaire")


def jeton_d_arret(user: Utilisateur) -> str:
    return _SIGNE.sign(str(user.pk))


def personne_du_jeton(jeton: str) -> Utilisateur | None:
    """Celle qui a reçu ce lien ; `None` si rien ne l'a signé."""
    try:
        return Utilisateur.objects.filter(pk=entier(_SIGNE.unsign(jeton)) or 0).first()
    except BadSignature:
        return None


@dataclass(frozen=True)
class AvisHebdomadaire:
    """Le courriel d'une personne. `comptes` : par genre, combien de choses attendent."""

    user: Utilisateur
    comptes: tuple[tuple[str, int], ...]

    @property
    def total(self) -> int:
        return sum(nombre for _, nombre in self.comptes)

    @property
    def objet(self) -> str:
        s = pluriel(self.total)
        return (
            f"{settings.NOM_DU_PRODUIT}\xa0: {self.total} chose{s} vous attend{pluriel(self.total, ',ent')}"
        )

    @property
    def arret(self) -> str:
        return settings.ADRESSE_DU_SITE + reverse("avis-arreter", args=[jeton_d_arret(self.user)])

    @property
    def texte(self) -> str:
        contexte = {"avis": self, "accueil": settings.ADRESSE_DU_SITE + reverse("accueil")}
        return render_to_string("accueil/avis_courriel.txt", contexte)

    def envoyer(self) -> str:
        """Rend une phrase si rien n'est parti. Les messageries proposent d'elles-mêmes l'arrêt (RFC 8058)."""
        entetes = {
            "List-Unsubscribe": f"<{self.arret}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }
        return envoyer(self.objet, self.texte, self.user.email, entetes)

    def partir(self) -> str:
        """Envoie, et retient que c'est fait."""
        refus = self.envoyer()
        if not refus:
            Utilisateur.objects.filter(pk=self.user.pk).update(avis_le=timezone.localdate())
        return refus


def preparer() -> None:
    """Chaque semaine : une tâche par personne, pour qu'un refus n'en retienne aucune autre."""
    if not settings.ADRESSE_DU_SITE or not courriel_regle():
        journal.warning("Avis hebdomadaires\xa0: ADRESSE_DU_SITE ou EMAIL_URL n’est pas réglé, rien ne part.")
        return
    for avis in avis_du(timezone.now()):
        enfiler("trpm.accueil.avis.avertir", avis.user.pk)


def avertir(pk: int) -> None:
    """Écrit à cette personne, si ce n'est déjà fait ; refusée, la tâche sera présentée de nouveau."""
    for avis in avis_du(timezone.now(), Q(pk=pk)):
        if avis.partir():
            raise OSError("Le serveur de courriel n’a pas pris l’avis.")


def avis_du(maintenant: datetime.datetime, a_qui: Q = TOUS) -> Iterator[AvisHebdomadaire]:
    """Ceux qui restent à envoyer : à qui l'a gardé, a une adresse, et que quelque chose attend."""
    semaine = timezone.localdate(maintenant) - ENTRE_DEUX
    comptes = Utilisateur.objects.filter(a_qui, is_active=True).exclude(email="").exclude(avis=False)
    for user in comptes.exclude(avis_le__gt=semaine).order_by("pk"):
        if not user.recoit_les_avis:
            continue
        with timezone.override(user.fuseau):
            attend = _comptes(accueil_de(user, maintenant).lignes)
        if attend:
            yield AvisHebdomadaire(user, attend)


def _comptes(lignes: Iterable[AFaire]) -> tuple[tuple[str, int], ...]:
    """Ce que l'on suit sans devoir agir n'écrit à personne."""
    comptes: Counter[str] = Counter()
    for ligne in lignes:
        if ligne.urgence < Urgence.A_SUIVRE:
            comptes[ligne.genre] += ligne.nombre
    return tuple(comptes.items())

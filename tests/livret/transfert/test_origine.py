"""La classe d’où vient un élève n’est d’aucune liste d’ici : toutes les pages sont relues."""

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from livret.models import Classe, Promotion
from livret.transfert.arrivee import deposer
from livret.transfert.reprise import ChoixDAccueil
from tests.litanie import connecte
from tests.livret.transfert.test_transfert import confirmee, depart, partant
from tests.monde import Monde
from tests.test_droits import ROLES, TABLE
from tests.tirage_blanc import sans_mise_en_page
from trpm.base.signature import empreinte_de_la_cle
from trpm.echanges.page import page_echanges

DE_LUI = {
    "livret:eleve",
    "livret:mon-livret",
    "livret:eleve-update",
    "livret:eleve-recus",
    "livret:transfert-arrivee",
    "livret:enfant",
}
"""Les pages de l’élève disent d’où il vient ; celle des accueils, qui est venu."""


@pytest.mark.long
def test_aucune_page_ne_la_montre_comme_une_classe_d_ici(monde: Monde) -> None:
    """L’élève venu est le premier de B : ses pages, et toutes celles où il paraît, sont relues aussi."""
    octets = depart(partant(monde), monde)
    par, b = monde.b.administrateur, monde.b
    depose = deposer(octets, empreinte_de_la_cle(), b.etablissement, par, timezone.now())
    confirmee(depose, ChoixDAccueil(b.classe, b.eleves[0]), par)
    origine = Classe.toutes.exclude(origine="").get()
    assert Promotion.toutes.exclude(origine="").count() == 1
    montrent = set()
    for une in TABLE:
        roles = [role for role in ROLES if une.attendues[role] == 200]
        if une.methode != "get" or not roles:
            continue
        for role in roles:
            with transaction.atomic(), sans_mise_en_page():
                url = reverse(une.nom, args=une.arguments(b) if une.arguments else [])
                reponse = connecte(b.comptes[role]).get(url)
                if origine.nom in reponse.getvalue().decode(errors="ignore"):
                    montrent.add(une.nom)
                transaction.set_rollback(True)
    assert montrent - DE_LUI == set()
    assert montrent >= {"livret:eleve", "livret:eleve-update"}


def test_elle_ne_s_administre_ni_ne_s_ouvre(monde: Monde) -> None:
    octets = depart(partant(monde), monde)
    par, b = monde.b.administrateur, monde.b
    depose = deposer(octets, empreinte_de_la_cle(), b.etablissement, par, timezone.now())
    confirmee(depose, ChoixDAccueil(b.classe), par)
    origine = Classe.toutes.exclude(origine="").get()
    client = connecte(par)
    for nom in (
        "classe",
        "classe-effectif",
        "classe-update",
        "situations",
        "couverture",
        "groupes",
        "bilans",
    ):
        assert client.get(reverse(f"livret:{nom}", args=[origine.pk])).status_code == 404, nom
    assert [une.classe for une in page_echanges(b.etablissement, timezone.localdate()).classes] == [b.classe]
    assert list(b.etablissement.promotions.all()) == [b.promotion]

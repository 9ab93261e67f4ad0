"""Un import ou un transfert tué net : la base est comme avant ou comme après, jamais entre (deux bases)."""

from collections.abc import Callable
from pathlib import Path

import pytest

from livret.models import ColonnesRetenues, Eleve, Evaluation, Scolarite, TransfertRecu, Utilisateur
from tests.litanie import adresse, connecte
from tests.livret.administration.fichiers import csv
from tests.livret.administration.test_colonnes import Designation, choix
from tests.livret.administration.test_import_enseignants import ImportEnseignants
from tests.livret.transfert.test_accueil import deposee
from tests.livret.transfert.test_transfert import depart, partant
from tests.monde import Monde
from tests.test_sauvegarde import adresse_des_tests, lignes
from tests.tuer import EnvoiTue
from trpm.base.signature import empreinte_de_la_cle

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.ecritures]
ENTETE = ["Untel", "Comment"]


def import_d_eleves(monde: Monde, lieu: Path) -> EnvoiTue:
    """Trente élèves nouveaux, deux dits partis, des colonnes à retenir."""
    page = Designation(monde.a)
    liste = csv(ENTETE, *(["Z" + chr(97 + rang % 26) * (3 + rang // 26), "Lou"] for rang in range(30)))
    vue = page.envoyer(liste, **choix(ENTETE, nom=0, prenom=1))
    champs = {
        "etat": vue.context["etat"],
        "empreinte": vue.context["apercu"].empreinte,
        "acte": "confirmer",
        "parti": [str(un.scolarite.pk) for un in vue.context["apercu"].absents],
    }
    return EnvoiTue(page.client, adresse("eleves-import-apercu", monde.a.classe.pk), champs)


def import_d_enseignants(monde: Monde, lieu: Path) -> EnvoiTue:
    """Quatre comptes à ouvrir, un autre à compléter, des classes."""
    page = ImportEnseignants(connecte(monde.a.administrateur), monde.a)
    classe, collegue = monde.a.classe.nom, monde.a.collegue
    neufs = [["Z" + chr(97 + rang) * 4, "Lou", "", "", classe] for rang in range(4)]
    page.lignes(*neufs, [collegue.last_name, collegue.first_name, "", "membre de commission", classe])
    champs = {
        "etat": page.reponse.context["etat"],
        "empreinte": page.apercu.empreinte,
        "retenu": sorted(page.reponse.context["retenus"]),
    }
    return EnvoiTue(page.client, adresse("enseignants-import-apercu", monde.a.etablissement.pk), champs)


def depot_d_un_transfert(monde: Monde, lieu: Path) -> EnvoiTue:
    """L'archive telle qu'elle est venue, et ce qu'elle porte."""
    archive = lieu / "camille.zip"
    archive.write_bytes(depart(partant(monde), monde))
    page = adresse("transfert-arrivee", monde.b.etablissement.pk)
    champs = {"cle": empreinte_de_la_cle()}
    return EnvoiTue(connecte(monde.b.administrateur), page, champs, {"fichier": archive})


def accueil_d_un_transfert(monde: Monde, lieu: Path) -> EnvoiTue:
    """Un élève, ses évaluations, ses fichiers."""
    recu = deposee(monde, depart(partant(monde), monde))
    client, page = connecte(monde.b.administrateur), adresse("transfert-apercu", recu.pk)
    choisi = {"classe": monde.b.classe.pk}
    apercu = client.post(page, choisi).context["apercu"]
    return EnvoiTue(client, page, choisi | {"apercu": apercu.empreinte, "accueillir": "1"})


def eleves_importes(monde: Monde) -> bool:
    neufs = Eleve.objects.filter(nom__startswith="Z", etablissement=monde.a.etablissement)
    partis = Scolarite.objects.filter(classe=monde.a.classe, sortie__isnull=False)
    return (neufs.count(), partis.count(), ColonnesRetenues.objects.count()) == (30, 2, 1)


def enseignants_importes(monde: Monde) -> bool:
    neufs = Utilisateur.objects.filter(last_name__startswith="Z", classes=monde.a.classe)
    return (neufs.count(), monde.a.collegue.appartenances.filter(role="membre").count()) == (4, 1)


def archive_deposee(monde: Monde) -> bool:
    recu = TransfertRecu.objects.deposes().get()
    with recu.archive.open() as archive:
        return recu.etablissement == monde.b.etablissement and archive.read(2) == b"PK"


def eleve_accueilli(monde: Monde) -> bool:
    recu = TransfertRecu.objects.recus().get()
    preuves = Evaluation.objects.filter(eleve=recu.eleve, situation__intitule="Usiner un palier")
    return recu.etablissement == monde.b.etablissement and preuves.filter(competence__code="C1").exists()


@pytest.mark.long
@pytest.mark.parametrize(
    ("preparer", "fait"),
    [
        (import_d_eleves, eleves_importes),
        (import_d_enseignants, enseignants_importes),
        (depot_d_un_transfert, archive_deposee),
        (accueil_d_un_transfert, eleve_accueilli),
    ],
)
def test_tue_au_milieu_rien_n_est_ecrit_puis_tout(
    monde: Monde, tmp_path: Path, preparer: Callable, fait: Callable
) -> None:
    """Tué au début, au milieu, près de la fin ; le même envoi, refait, aboutit entier, une fois."""
    envoi = preparer(monde, tmp_path)
    total = envoi.ecritures()
    avant = lignes(adresse_des_tests())
    for coupure in (2, total // 2, total - 6):
        envoi.tuer(coupure)
        assert lignes(adresse_des_tests()) == avant
    for _ in range(2):
        rendu = envoi.faire()
        assert rendu.returncode == 0, rendu.stderr.decode()
        assert fait(monde), rendu.stdout.decode()

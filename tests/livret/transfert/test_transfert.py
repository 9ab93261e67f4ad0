"""Un élève passe d’une installation à une autre : rien ne se perd, et ce qui comptait compte."""

import json
import os
import subprocess
import sys
from hashlib import sha256
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from livret.models import (
    Classe,
    Eleve,
    Evaluation,
    Promotion,
    Scolarite,
    Situation,
    Trace,
    TransfertRecu,
    Utilisateur,
)
from livret.rentree.plan import ChoixDeRentree, plan_de
from livret.synthese.livrets import livrets
from livret.transfert.arrivee import accueillir, apercu_d_accueil, deposer
from livret.transfert.depart import archive_de_depart
from livret.transfert.reprise import ChoixDAccueil
from tests import factories
from tests.litanie import adresse, connecte, verifier_droits
from tests.monde import Monde
from tests.tirage_blanc import sans_mise_en_page
from trpm.base.archive import lire
from trpm.base.signature import empreinte_de_la_cle

PHOTO = b"%PDF-1.4 preuve"


def partant(monde: Monde) -> Eleve:
    """Camille, avec des niveaux de deux enseignants, des mots, une preuve et un fichier du portfolio."""
    eleve = monde.a.eleves[0]
    ecrite = factories.situation(monde.a.classe, monde.a.enseignant, intitule="Usiner un palier")
    Situation.objects.filter(pk=ecrite.pk).update(etat="publiee", nature="certificative")
    ecrite.refresh_from_db()
    factories.evaluation(ecrite, eleve, "C1", 3, auteur=monde.a.collegue)
    factories.evaluation(ecrite, eleve, "C2", mention="ABS")
    factories.observation(ecrite, eleve, "C3.1", 2)
    factories.fiche(ecrite, eleve, "Travail soigné.")
    factories.trace(ecrite, eleve, PHOTO)
    factories.trace_d_eleve(eleve, monde.a.compte_eleve)
    return eleve


def depart(eleve: Eleve, monde: Monde) -> bytes:
    with sans_mise_en_page():
        return archive_de_depart(eleve, monde.a.administrateur)


def meilleurs(eleve: Eleve) -> dict[str, str]:
    lu = Eleve.objects.select_related("promotion__referentiel", "promotion__grille", "option").get(
        pk=eleve.pk
    )
    (livret,) = livrets([lu])
    return {une.code: une.degre.code for une in livret.lignes if une.degre}


def recevoir(monde: Monde, octets: bytes, fiche: Eleve | None = None, cle: str = "") -> TransfertRecu:
    return recu_de(octets, cle or empreinte_de_la_cle(), monde.b.classe, fiche, monde.b.administrateur)


def recu_de(
    octets: bytes, cle: str, classe: Classe | None, fiche: Eleve | None, par: Utilisateur, **choix: Any
) -> TransfertRecu:
    """Déposée, lue, puis confirmée."""
    lieu = choix.pop("lieu", None) or classe.etablissement
    depose = deposer(octets, cle, lieu, par, timezone.now())
    return confirmee(depose, ChoixDAccueil(classe, fiche, **choix), par)


def confirmee(depose: TransfertRecu, choix: ChoixDAccueil, par: Utilisateur) -> TransfertRecu:
    lu = apercu_d_accueil(depose, choix, par, timezone.now())
    return accueillir(depose, choix, par, timezone.now(), lu.empreinte)


def test_les_preuves_sont_la_et_comptent_de_meme(monde: Monde) -> None:
    eleve = partant(monde)
    recu = recevoir(monde, depart(eleve, monde))
    arrive = recu.eleve
    assert meilleurs(arrive) == meilleurs(eleve)
    donnee = Evaluation.objects.get(
        eleve=eleve, situation__intitule="Usiner un palier", competence__code="C1"
    )
    assert meilleurs(arrive)["C1"] == donnee.niveau.code
    assert (arrive.ine, arrive.nom, arrive.promotion) == (eleve.ine, eleve.nom, monde.b.promotion)
    repris = arrive.evaluations.get(situation__intitule="Usiner un palier", competence__code="C1")
    assert repris.auteur.nom_complet == monde.a.collegue.nom_complet
    assert (repris.auteur.is_active, repris.auteur.has_usable_password()) == (False, False)
    assert monde.a.etablissement.uai in repris.situation.classe.nom
    assert repris.modifie_le == donnee.modifie_le
    assert arrive.fiches.filter(commentaire="Travail soigné.").count() == 1
    fichiers = [une for une in Trace.objects.filter(eleve=arrive) if une.fichier]
    assert sha256(PHOTO).hexdigest() in {une.empreinte for une in fichiers}
    assert {PHOTO} <= {une.fichier.read() for une in fichiers}
    assert arrive.scolarites.filter(classe=monde.b.classe, sortie=None).count() == 1


def test_la_provenance_reste_avec_l_archive(monde: Monde) -> None:
    octets = depart(partant(monde), monde)
    recu = recevoir(monde, octets)
    assert monde.a.etablissement.uai in recu.origine
    assert recu.signataire == empreinte_de_la_cle()
    assert "1 fiche créée" in recu.compte_rendu
    client = connecte(monde.b.administrateur)
    assert client.get(adresse("transfert-archive", recu.pk)).content == octets
    assert (
        monde.a.etablissement.nom in client.get(adresse("transfert-arrivee", monde.b.etablissement.pk)).text
    )
    assert "livret.pdf" in lire(octets)


def test_le_meme_ine_complete_la_fiche_deja_ici(monde: Monde) -> None:
    eleve = partant(monde)
    ici = factories.eleve(monde.b.classe, "AUTRE NOM", ine=eleve.ine)
    assert recevoir(monde, depart(eleve, monde)).eleve == ici
    assert Eleve.objects.filter(etablissement=monde.b.etablissement, ine=eleve.ine).count() == 1
    assert meilleurs(ici) == meilleurs(eleve)


def test_revenu_dans_sa_classe_il_y_est_de_nouveau(monde: Monde) -> None:
    """Il l’avait quittée ; et la classe où il était depuis se ferme."""
    eleve = partant(monde)
    octets = depart(eleve, monde)
    ici = recevoir(monde, octets).eleve
    ici.scolarites.get(classe=monde.b.classe).sortir(monde.b.classe.annee.premier_jour)
    voisine = factories.classe(monde.b.promotion, nom="Tle V")
    Scolarite.objects.create(eleve=ici, classe=voisine)
    factories.trace(monde.a.situation, eleve)
    assert recevoir(monde, depart(eleve, monde)).eleve == ici
    ouvertes = ici.scolarites.ouvertes().values_list("classe__nom", flat=True)
    assert list(ouvertes) == [monde.b.classe.nom]


def test_la_classe_d_ou_il_vient_ne_passe_pas_a_l_annee_suivante(monde: Monde) -> None:
    recevoir(monde, depart(partant(monde), monde))
    lieu, annee = monde.b.etablissement, monde.b.classe.annee.debut
    assert Classe.toutes.filter(origine=monde.a.etablissement.uai, annee__debut=annee).exists()
    plan = plan_de(lieu, annee, ChoixDeRentree())
    assert [une.classe for une in plan.classes] == [monde.b.classe]


def test_un_homonyme_se_choisit(monde: Monde) -> None:
    eleve = partant(monde)
    ici = factories.eleve(monde.b.classe, eleve.nom, eleve.prenom, ine=None)
    octets = depart(eleve, monde)
    with pytest.raises(ValidationError, match="choisissez sa fiche"):
        recevoir(monde, octets)
    assert recevoir(monde, octets, fiche=ici).eleve == ici


def alteree(octets: bytes, nom: str, avant: bytes, apres: bytes) -> bytes:
    sortie = BytesIO()
    with ZipFile(BytesIO(octets)) as lu, ZipFile(sortie, "w") as ecrit:
        for un in lu.namelist():
            ecrit.writestr(un, lu.read(un).replace(avant, apres) if un == nom else lu.read(un))
    return sortie.getvalue()


def test_une_archive_changee_ou_d_une_autre_cle_n_ecrit_rien(monde: Monde) -> None:
    octets = depart(partant(monde), monde)
    avant = (Eleve.objects.count(), Situation.objects.count(), Scolarite.objects.count())
    fausse = alteree(octets, "transfert.json", b'"mention": "ABS"', b'"mention": "DISP"')
    for recue, cle, dit in (
        (fausse, "", "transfert.json"),
        (octets, "0000 1111", "autre clé"),
        (octets[:-40], "", "zip"),
        (b"PK", "", "zip"),
    ):
        with pytest.raises(ValidationError, match=dit):
            recevoir(monde, recue, cle=cle)
    recevoir(monde, octets)
    with pytest.raises(ValidationError, match="déjà été reçue"):
        recevoir(monde, octets)
    assert Eleve.objects.count() == avant[0] + 1


def test_sans_le_diplome_rien_n_est_ecrit(monde: Monde) -> None:
    octets = depart(partant(monde), monde)
    avant = Eleve.objects.count()
    diplome = monde.a.promotion.referentiel
    type(diplome).objects.filter(pk=diplome.pk).update(version="autre")
    with pytest.raises(ValidationError, match="importez-le d’abord"):
        recevoir(monde, octets)
    assert (Eleve.objects.count(), TransfertRecu.objects.recus().count()) == (avant, 0)


def test_par_les_pages(monde: Monde) -> None:
    eleve = partant(monde)
    page = adresse("transfert-depart", eleve.pk)
    assert empreinte_de_la_cle() in verifier_droits(
        monde, page, adresse("transfert-depart", monde.b.eleves[0].pk)
    )
    with sans_mise_en_page():
        octets = connecte(monde.a.administrateur).post(page).content
    arrivee, client = adresse("transfert-arrivee", monde.b.etablissement.pk), connecte(monde.b.administrateur)
    fausse = client.post(arrivee, {"cle": "abcd", "fichier": SimpleUploadedFile("a.zip", octets)})
    assert "signée par une autre clé" in fausse.text
    cle = empreinte_de_la_cle().upper().replace(" ", "")
    avant = (Eleve.objects.count(), Situation.objects.count())
    page = client.post(arrivee, {"cle": cle, "fichier": SimpleUploadedFile("a.zip", octets)}, follow=True)
    lu = page.context["apercu"]
    assert (Eleve.objects.count(), Situation.objects.count()) == avant, "rien avant de confirmer"
    envoi = {"classe": monde.b.classe.pk, "apercu": lu.empreinte, "accueillir": "1"}
    client.post(page.wsgi_request.path, envoi)
    assert meilleurs(TransfertRecu.objects.get().eleve) == meilleurs(eleve)


AILLEURS = """
import json, sys, django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from tests import factories
from tests.livret.transfert.test_transfert import meilleurs, recu_de
from livret.models import Classe
from trpm.permissions import Role
diplome = factories.referentiel()
lieu = factories.etablissement("Lycée d'accueil", "0400740")
admin = factories.utilisateur(Role.ADMINISTRATEUR, etablissement=lieu)
classe = factories.classe(factories.promotion(lieu, diplome))
recu = recu_de(open(sys.argv[1], "rb").read(), sys.argv[2], classe, None, admin)
print(json.dumps([meilleurs(recu.eleve), recu.eleve.ine, recu.compte_rendu]))
"""


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_entre_deux_bases(neuve: str, tmp_path: object) -> None:
    """L’accueil se fait par un autre processus, sur une autre base, avec une autre clé secrète."""
    ecole = factories.etablissement("Lycée de départ", "0750001")
    diplome = factories.referentiel()
    prof = factories.utilisateur(nom="Roux")
    promotion: Promotion = factories.promotion(ecole, diplome)
    classe = factories.classe(promotion, [prof])
    eleve = factories.eleve(classe, "PARTANT", ine="060012345AB")
    situation = factories.situation(classe, prof)
    Situation.objects.filter(pk=situation.pk).update(etat="publiee")
    factories.evaluation(situation, eleve, "C1", 2)
    factories.evaluation(situation, eleve, "C4", 1)
    with sans_mise_en_page():
        octets = archive_de_depart(eleve, prof)
    fichier = tmp_path / "transfert.zip"  # type: ignore[operator]
    fichier.write_bytes(octets)
    reglages = {
        "DJANGO_SETTINGS_MODULE": "trpm.settings",
        "DEBUG": "1",
        "DATABASE_URL": neuve,
        "SECRET_KEY": "une-autre-installation",
        "MEDIA_ROOT": str(tmp_path),
    }
    commande = [sys.executable, "-c", AILLEURS, str(fichier), empreinte_de_la_cle()]
    fini = subprocess.run(
        commande, cwd=settings.BASE_DIR, env={**os.environ, **reglages}, capture_output=True, text=True
    )
    assert fini.returncode == 0, fini.stderr
    niveaux, ine, rendu = json.loads(fini.stdout.splitlines()[-1])
    assert (niveaux, ine) == (meilleurs(eleve), "060012345AB")
    assert "2 niveaux de compétence" in rendu

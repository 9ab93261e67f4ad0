"""Les preuves cochées : imprimées dans le dossier, figées avec leur empreinte, jamais supprimées ensuite."""

import json
from hashlib import sha256
from io import BytesIO

import pytest
from django.db.models import ProtectedError
from django.utils import timezone
from pypdf import PdfReader

from certification.document import tirage
from certification.dossier.figement import figer, rouvrir
from certification.dossier.grille.citations import PreuveAuDossier
from certification.dossier.grille.epreuve import GrilleEpreuve
from certification.dossier.resultats import dossiers_lus
from certification.models import TraceCitee
from livret.models import Trace
from tests import factories
from tests.certification.scene import adresse, decider, lu
from tests.litanie import requetes
from tests.livret.photo import jpeg

PDF = b"%PDF-1.7 gamme"


def cocher(monde, contenu=b"", scene=None, rang=0, **champs):
    ajouter = factories.photo if contenu.startswith(b"\xff\xd8") else factories.trace
    commun = {"au_dossier": True, **champs}
    return ajouter(scene or monde.a.situation, monde.a.eleves[rang], contenu, **commun)


def images(contenu: bytes) -> int:
    return contenu.count(b"/DCTDecode")


def test_ce_que_le_dossier_cite(monde, camille):
    """Cochée, gardée, de la fiche ou d'une compétence de l'épreuve, dans une situation retenue."""
    competences = {une.code: une for une in monde.referentiel.competences.all()}
    sur_la_fiche = cocher(monde, PDF, texte="Gamme")
    sur_c1 = cocher(monde, competence=competences["C1"])
    sur_le_detail = cocher(monde, detaillee=monde.a.situation.detaillees.get(code="C1.1"))
    cocher(monde, competence=competences["C3"])
    cocher(monde, au_dossier=False)
    cocher(monde, rang=1)
    cocher(monde).retirer(monde.a.enseignant, timezone.now())
    formative = factories.situation(monde.a.classe, monde.a.enseignant, ["C1"], nature="formative")
    factories.evaluation(formative, monde.a.eleves[0], "C1", 1)
    cocher(monde, scene=formative)
    grille = lu(camille).grille
    assert [preuve.trace for preuve in grille.preuves] == [sur_la_fiche.pk, sur_c1.pk, sur_le_detail.pk]
    assert grille.preuves[0] == PreuveAuDossier(
        trace=sur_la_fiche.pk,
        case="",
        texte="Gamme",
        nom="Preuve.pdf",
        image=False,
        taille=len(PDF),
        empreinte=sha256(PDF).hexdigest(),
        auteur=monde.a.enseignant.nom_complet,
        date=timezone.localdate(sur_la_fiche.creee_le),
    )
    assert [preuve.case for preuve in grille.preuves] == ["", "C1", "C1.1"]


def test_l_instantane_d_avant_les_preuves_se_recrit_a_l_identique(camille):
    ecrit = lu(camille).grille.vers_json()
    assert ["preuves" in situation for situation in json.loads(ecrit)["situations"]] == [False]
    assert GrilleEpreuve.depuis_json(ecrit).vers_json() == ecrit


def test_fige_le_dossier_ne_bouge_plus(monde, camille):
    trace = cocher(monde, jpeg((400, 300)), texte="Mors doux en place")
    decider(monde, camille)
    version = figer(camille, monde.a.president)
    avant = tirage.html(lu(camille), "dossiers", tirage.images_citees([lu(camille)]))
    trace.texte = "Récrite"
    trace.save()
    trace.retirer(monde.a.enseignant, timezone.now())
    cocher(monde, texte="Ajoutée après")
    relu = lu(camille)
    assert relu.grille.vers_json() == version.contenu
    assert tirage.html(relu, "dossiers", tirage.images_citees([relu])) == avant
    assert "Mors doux en place" in avant
    assert "data:image/jpeg;base64," in avant


def test_une_preuve_citee_ne_se_supprime_plus_meme_dossier_rouvert(monde, camille):
    citee, libre = cocher(monde), cocher(monde, au_dossier=False)
    decider(monde, camille)
    version = figer(camille, monde.a.president)
    assert list(TraceCitee.objects.values_list("version", "trace")) == [(version.pk, citee.pk)]
    libre.delete()
    rouvrir(camille, "Erreur de saisie.", monde.a.president)
    with pytest.raises(ProtectedError):
        Trace.objects.filter(pk=citee.pk).delete()


def test_l_image_s_imprime(monde, membre, camille):
    url = adresse("dossier-pdf", camille.pk)
    assert images(membre.get(url).content) == 0
    cocher(monde, jpeg((1200, 900)), texte="Mors doux en place")
    cocher(monde, PDF)
    cocher(monde, rang=1, contenu=jpeg((400, 300)))
    contenu = membre.get(url).content
    lue = "\n".join(page.extract_text() for page in PdfReader(BytesIO(contenu)).pages)
    assert images(contenu) == 1
    assert "Mors doux en place" in lue
    assert "Preuve.pdf" in lue
    assert images(membre.get(adresse("grille-pdf", camille.pk)).content) == 0


@pytest.mark.parametrize("sort", ["absent", "autre"])
def test_un_fichier_qui_n_est_plus_le_meme_ne_s_imprime_pas(monde, camille, sort):
    trace = cocher(monde, jpeg((400, 300)))
    if sort == "absent":
        trace.fichier.storage.delete(trace.fichier.name)
    else:
        with open(trace.fichier.path, "wb") as fichier:
            fichier.write(jpeg((200, 100)))
    html = tirage.html(lu(camille), "dossiers", tirage.images_citees([lu(camille)]))
    assert "« photo.jpg » manque, ou n’est plus celle qui a été citée." in html
    assert "data:image" not in html


def test_requetes(monde):
    """Une seule pour les images, à un dossier comme à deux."""

    def tirer() -> None:
        tirage.pdf(dossiers_lus(monde.a.commission.dossiers.all()), "dossiers", processus=1)

    cocher(monde, jpeg((40, 30)))
    assert requetes(tirer) == 22
    cocher(monde, jpeg((40, 30)))
    cocher(monde, jpeg((40, 30)), rang=1)
    assert requetes(tirer) == 22


def test_la_commission_ouvre_les_preuves_citees_et_elles_seules(monde, membre, camille, dominique):
    citee, tue = cocher(monde, PDF), cocher(monde, PDF, au_dossier=False)
    assert membre.get(adresse("preuve", camille.pk, citee.pk)).content == PDF
    assert adresse("preuve", camille.pk, citee.pk) in membre.get(camille.get_absolute_url()).content.decode()
    for dossier, trace in ((camille, tue), (dominique, citee)):
        assert membre.get(adresse("preuve", dossier.pk, trace.pk)).status_code == 404

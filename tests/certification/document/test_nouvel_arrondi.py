"""Une règle d’arrondi de plus, dans la table et le schéma seulement, va partout où une note se montre."""

import json
from decimal import Decimal
from fractions import Fraction
from io import BytesIO, StringIO

import pytest
from django.core.management import call_command
from openpyxl import load_workbook

from certification.document import classeurs
from referentiel.arrondi import REGLES, Arrondi
from referentiel.fichier import lecture
from referentiel.fichier.importation import importer
from referentiel.models import Grille
from tests.certification.document.test_classeurs import TABLEUR, recalculer
from tests.certification.document.test_documents_pdf import pages
from tests.certification.scene import (
    adresse,
    decider,
    figer,
    lu,
)
from tests.factories import FICHIER_TRPM

QUART = Arrondi("quart_proche", "au quart de point", "quart de point", Fraction(1, 4))


@pytest.fixture
def quart(tmp_path):
    """La règle ajoutée là où la documentation le dit, et retirée ensuite."""
    schema = json.loads(lecture.SCHEMA.read_text(encoding="utf-8"))
    schema["$defs"]["grille"]["properties"]["arrondi"]["enum"].append(QUART.code)
    copie = tmp_path / "schema.json"
    copie.write_text(json.dumps(schema), encoding="utf-8")
    with pytest.MonkeyPatch.context() as rustine:
        rustine.setitem(REGLES, QUART.code, QUART)
        rustine.setattr(lecture, "SCHEMA", copie)
        _oublier()
        yield QUART
    _oublier()


def _oublier():
    lecture.schema.cache_clear()
    lecture._validateur.cache_clear()


@pytest.fixture
def fichier(tmp_path):
    """Le référentiel officiel, au quart de point."""
    chemin = tmp_path / "quart.json"
    texte = FICHIER_TRPM.read_text(encoding="utf-8")
    chemin.write_text(texte.replace('"arrondi": "demi_superieur"', f'"arrondi": "{QUART.code}"'), "utf-8")
    return chemin


@pytest.fixture
def au_quart(monde, camille, quart):
    """Camille, à 20 × 5 / 12 = 8,3333 : 8,5 au demi-point, 8,25 au quart."""
    grille = monde.a.commission.grille
    grille.arrondi = quart.code
    grille.full_clean()
    grille.save()
    decider(monde, camille, "8.25", C1=1, C2=2)
    return camille


def simple(texte: str) -> str:
    return " ".join(texte.split())


def test_sans_la_table_ni_le_schema_la_regle_est_refusee(fichier):
    with pytest.raises(lecture.FichierInvalide, match='"quart_proche". Choisissez parmi'):
        lecture.lire(fichier)


@pytest.mark.django_db
def test_elle_s_importe_se_montre_et_ne_demande_pas_de_migration(quart, fichier):
    importer(lecture.lire(fichier))
    assert Grille.objects.get().get_arrondi_display() == "au quart de point"
    call_command("makemigrations", "--check", "--dry-run", stdout=StringIO())


def test_elle_va_jusqu_a_la_ligne_de_commande(quart, fichier):
    sortie = StringIO()
    call_command("note", str(fichier), "RSP", "E31", "C6=2", "C7=2", "C8=1", "C9=3", stdout=sortie)
    lignes = [simple(ligne) for ligne in sortie.getvalue().splitlines()]
    assert lignes[-3:] == [
        "Note brute : 20 × 93 / (3 × 47) = 620/47 = 13,19 / 20",
        "Arrondi : au quart de point",
        "Note calculée : 13,25 / 20",
    ]


def test_elle_va_jusqu_aux_pages(president, au_quart):
    page = simple(president.get(adresse("dossier", au_quart.pk)).content.decode())
    assert "8,25 / 20" in page
    origine = simple(president.get(adresse("origine", au_quart.pk)).content.decode())
    phrase = "8,3333 est entre 8,25 et 8,5 ; arrondi au quart de point, la note calculée est 8,25 / 20."
    assert phrase in origine


@pytest.mark.parametrize(
    ("note", "erreurs"),
    [("8,3", ["8,3 n’est pas un quart de point : proposez par exemple 8,25."]), ("8,75", [])],
)
def test_la_commission_propose_un_quart_de_point(membre, au_quart, note, erreurs):
    donnees = {"note_proposee": note, "motif_ecart": "Progrès.", "lu": lu(au_quart).grille.jeton_note}
    reponse = membre.post(adresse("proposition", au_quart.pk), donnees)
    formulaire = (reponse.context or {}).get("proposition")
    assert [simple(e) for e in (formulaire.errors.get("note_proposee", []) if formulaire else [])] == erreurs
    au_quart.refresh_from_db()
    assert au_quart.note_proposee == Decimal("8.25" if erreurs else "8.75")


def test_elle_va_jusqu_au_pdf_d_un_dossier_fige(monde, president, au_quart):
    figer(monde, au_quart)
    (texte,) = pages(president.get(adresse("grille-pdf", au_quart.pk)).content)
    assert "arrondie au quart de point : 8,25 / 20" in texte
    grille = lu(au_quart).grille
    assert (grille.regle.arrondi, grille.note.bareme.arrondi) == (QUART, QUART)


def test_elle_va_jusqu_au_classeur(au_quart, tmp_path):
    octets = classeurs.grille(lu(au_quart))
    page = load_workbook(BytesIO(octets)).active
    (rang,) = [c.row for c in page["B"] if c.value == "Note calculée, au quart de point"]
    formule = page[f"E{rang}"].value
    assert formule.startswith("=IF(COUNT(E11:E12)=2,INT((8*MIN(2000*SUMPRODUCT(")
    assert formule.endswith(')/4,"incomplète")')
    if TABLEUR:
        (valeurs,) = recalculer(octets, tmp_path).values()
        assert valeurs[f"E{rang}"] == 8.25

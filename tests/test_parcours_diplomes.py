"""De l'import à l'archive signée, par les pages, pour des diplômes de formes différentes ; les notes sont
recalculées ici, d'après le fichier seul."""

import json
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from django.db import connection
from django.urls import reverse
from django_webtest import DjangoTestApp

from certification.dossier.resultats import dossier_lu
from certification.lot.archive import archive_remise, relire
from certification.models import Dossier, VersionFigee
from livret.models import (
    AnneeScolaire,
    Classe,
    Eleve,
    Etablissement,
    Evaluation,
    Observation,
    Promotion,
    Situation,
)
from livret.progression.attentes import attentes_de
from referentiel.fichier.contenu import ContenuReferentiel
from referentiel.fichier.importation import previsualiser
from referentiel.fichier.lecture import lire_texte
from referentiel.models import Competence, Critere, Referentiel
from tests import factories
from tests.diplomes import PARCOURS, Parcours
from tests.test_parcours import Site, changer_d_etat, figer, principal, texte_pdf
from trpm.permissions import Role

pytestmark = pytest.mark.usefixtures("sans_mise_en_page_sur_postgresql")

NOM = "ZÉPHIR"
CAS = ("TRPM", "critères", "BTS") if connection.vendor == "postgresql" else tuple(PARCOURS)
"""PostgreSQL rejoue celles qui remplissent d’autres tables, ou y cherchent des signes qui fâchent."""


@pytest.fixture
def site(django_app: DjangoTestApp, db: None) -> Site:
    return Site(django_app)


def note_attendue(parcours: Parcours) -> tuple[Fraction, Decimal]:
    """La note brute et la note calculée, par un autre chemin que celui de l'application."""
    poids, maximum, arrondi = parcours.bareme
    total = sum(Fraction(valeur) for valeur in poids.values())
    points = sum(Fraction(pese) * niveau_exact(parcours, code) for code, pese in poids.items())
    brute = 20 * points / (maximum * total)
    exacte = Decimal(brute.numerator) / Decimal(brute.denominator)
    if arrondi == "centieme":
        return brute, exacte.quantize(Decimal("0.01"), ROUND_HALF_UP)
    return brute, (exacte * 2).quantize(Decimal(1), ROUND_CEILING) / 2


def niveau_exact(parcours: Parcours, competence: str) -> Fraction:
    """Celui qu'elle a reçu, ou la moyenne pesée de ceux de ses critères."""
    if not parcours.criteres:
        return Fraction(parcours.valeur(parcours.niveaux[competence]))
    pesees = {code: Fraction(poids) for code, poids in parcours.criteres[competence].items()}
    haut = sum(p * parcours.valeur(parcours.niveaux[code]) for code, p in pesees.items() if p)
    return Fraction(haut) / sum(pesees.values())


@pytest.mark.parametrize("cas", CAS)
def test_un_diplome_va_de_l_import_a_l_archive(cas: str, site: Site) -> None:
    parcours = PARCOURS[cas]()
    lycee = factories.etablissement("Lycée des diplômes")
    roles = (Role.ADMINISTRATEUR, Role.ENSEIGNANT, Role.PRESIDENT)
    factories.utilisateur(*roles, etablissement=lycee, identifiant="claude")
    site.connexion("claude", factories.MOT_DE_PASSE)

    referentiel = importer(site, parcours)
    classe = ouvrir_la_classe(site, lycee, referentiel, parcours)
    eleve = inscrire(site, classe)
    evaluer(site, classe, eleve, parcours)
    tuteur(classe, eleve, parcours)
    bilan(site, classe, eleve, parcours)
    livret(site, eleve, parcours)
    dossier = commission(site, eleve, parcours)
    brute, calculee = decider(site, dossier, parcours)
    figer(site, dossier)
    grille = dossier_lu(dossier).grille
    assert (grille.note.brute, grille.calculee, grille.note_proposee) == (brute, calculee, calculee)
    papiers(site, dossier, parcours)

    archive = relire(archive_remise(dossier.commission))
    assert [relu.note for relu in archive.dossiers] == [grille.texte_note]
    assert VersionFigee.objects.get().contenu == grille.vers_json()


def importer(site: Site, parcours: Parcours) -> Referentiel:
    formulaire = principal(site.page("referentiel:importer"))
    texte = json.dumps(parcours.diplome)
    formulaire["fichier"] = ("diplome.json", texte.encode())
    apercu = formulaire.submit()
    principal(apercu, reverse("referentiel:importer-confirmer")).submit().follow()
    referentiel = Referentiel.objects.get()
    assert not previsualiser(lire_texte(texte))
    assert not previsualiser(lire_texte(ContenuReferentiel(referentiel).texte()))
    return referentiel


def ouvrir_la_classe(
    site: Site, lycee: Etablissement, referentiel: Referentiel, parcours: Parcours
) -> Classe:
    site.remplir("livret:annee-create", lycee.pk, debut="2025")
    option = str(referentiel.options.get(code=parcours.option).pk)
    champs = {"nom": "Promotion", "option": option, "session": "2026"}
    if parcours.grille:
        champs["grille"] = str(referentiel.grilles.get(version=parcours.grille).pk)
    site.remplir("livret:promotion-create", lycee.pk, **champs)
    formulaire = principal(site.page("livret:classe-create", lycee.pk))
    formulaire["nom"], formulaire["niveau"] = "Classe", parcours.annee
    formulaire["annee"] = str(AnneeScolaire.objects.get(debut=2025).pk)
    formulaire["promotion"] = str(Promotion.objects.get().pk)
    formulaire.set("equipe", True, index=0)
    formulaire.submit().follow()
    return Classe.objects.get()


def inscrire(site: Site, classe: Classe) -> Eleve:
    formulaire = principal(site.page("livret:eleves-import", classe.pk))
    formulaire["fichier"] = ("eleves.csv", f"Nom;Prénom 1\r\n{NOM};Lou\r\n".encode())
    adresse = reverse("livret:eleves-import-apercu", args=[classe.pk])
    principal(formulaire.submit(), adresse).submit("acte", value="confirmer").follow()
    return Eleve.objects.get()


def evaluer(site: Site, classe: Classe, eleve: Eleve, parcours: Parcours) -> None:
    formulaire = principal(site.page("livret:situation-create", classe.pk))
    formulaire["intitule"], formulaire["nature"], formulaire["lieu"] = "Situation", "certificative", "centre"
    formulaire["debut"], formulaire["fin"] = "2026-03-09", "2026-03-13"
    visees = Competence.objects.filter(code__in=parcours.competences)
    for case in formulaire.fields["competences"]:
        case.checked = case._value in {str(une.pk) for une in visees}
    formulaire.submit().follow()
    situation = Situation.objects.get()
    cycle = parcours.diplome.get("cycle", ["1re année", "2e année", "3e année"])
    assert situation.semestre == 2 * len(cycle)
    changer_d_etat(site, situation, "ouverte")
    saisie = site.page("livret:grille", situation.pk).forms["saisie"]
    for code, niveau in parcours.niveaux.items():
        saisie[f"{cle(eleve, parcours, code)}-{eleve.pk}"] = niveau
    saisie.submit().follow()
    changer_d_etat(site, situation, "publiee")
    niveaux = (
        Observation.objects.values_list("detaillee__code", "niveau__code")
        if parcours.criteres
        else Evaluation.objects.values_list("competence__code", "niveau__code")
    )
    assert dict(niveaux) == parcours.niveaux


def cle(eleve: Eleve, parcours: Parcours, code: str) -> str:
    """La colonne de la grille de saisie : une compétence, ou un critère de l'option de l'élève."""
    if not parcours.criteres:
        return f"c{Competence.objects.get(code=code).pk}"
    siens = [un for un in Critere.objects.filter(code=code) if un.concerne(eleve.option_id)]
    return f"d{siens[0].pk}"


def tuteur(classe: Classe, eleve: Eleve, parcours: Parcours) -> None:
    """Le tuteur a vu la compétence la mieux tenue au niveau le plus bas : il ne la fait pas baisser."""
    auteur, haute = (
        classe.equipe.get(),
        max(parcours.niveaux, key=lambda c: parcours.valeur(parcours.niveaux[c])),
    )
    en_entreprise = factories.situation(
        classe,
        auteur,
        [parcours.case(haute)],
        lieu=Situation.Lieu.ENTREPRISE,
        entreprise="Atelier",
        tuteur="Maryse Tutrice",
        etat=Situation.Etat.PUBLIEE,
        semestre=2,
    )
    dit = {"eleve": eleve, "situation": en_entreprise, "auteur": auteur}
    dit["niveau"] = classe.promotion.grille.echelle.niveaux.first()
    if parcours.criteres:
        Observation.objects.create(detaillee_id=int(cle(eleve, parcours, haute)[1:]), **dit)
    else:
        Evaluation.objects.create(competence=Competence.objects.get(code=haute), **dit)


def bilan(site: Site, classe: Classe, eleve: Eleve, parcours: Parcours) -> None:
    adresse = reverse("livret:bilans-preparer", args=[classe.pk])
    formulaire = principal(site.page("livret:bilans", classe.pk), adresse)
    formulaire["date"] = "2026-04-01"
    formulaire.submit().follow()
    page = site.app.get(eleve.bilans.get().get_absolute_url())
    assert all(code in page.html.text for code in parcours.competences)


def livret(site: Site, eleve: Eleve, parcours: Parcours) -> None:
    page = site.page("livret:eleve", eleve.pk).html
    attendus = sorted(parcours.competences)
    codes = [une.text for une in page.select("table.competences > tbody > tr > th > strong")]
    tous = {c["code"] for c in parcours.diplome["competences"]}
    assert set(attendus) <= set(codes) <= tous
    imprime = " ".join(texte_pdf(site.page("livret:eleve-pdf", eleve.pk)).split())
    for autre in {"2de S1", "1re S1", "Tle S1"} - {f"{a} S1" for a in parcours.diplome.get("cycle", ())}:
        assert autre not in page.text
        assert autre not in imprime
    annees = parcours.diplome.get("cycle", ["1re année", "2e année", "3e année"])
    echelle = " ".join(texte_pdf(site.page("livret:echelle-pdf", eleve.promotion_id)).split())
    assert all(annee in echelle for annee in annees)
    assert not [nom for nom in ("Seconde", "Première", "Terminale") if nom in echelle]
    assert attentes_de([eleve.promotion])[eleve.promotion_id].competences == {}


def commission(site: Site, eleve: Eleve, parcours: Parcours) -> Dossier:
    formulaire = principal(site.page("certification:commission-create"))
    epreuve = next(o for o in formulaire["epreuve"].options if o[2].startswith(f"{parcours.epreuve} "))
    formulaire["session"], formulaire["epreuve"], formulaire["date"] = "2026", epreuve[0], "2026-06-03"
    page = formulaire.submit().follow()
    for case in principal(page).fields["eleves"]:
        case.checked = True
    principal(page).submit().follow()
    return Dossier.objects.get()


def decider(site: Site, dossier: Dossier, parcours: Parcours) -> tuple[Fraction, Decimal]:
    brute, calculee = note_attendue(parcours)
    page = site.page("certification:dossier", dossier.pk)
    if parcours.mode:
        assert dossier_lu(dossier).grille.note is None
        situer = principal(page, reverse("certification:situation-candidat", args=[dossier.pk]))
        situer["mode"] = parcours.mode
        page = situer.submit().follow()
    page = principal(page, reverse("certification:acceptation", args=[dossier.pk])).submit().follow()
    proposition = principal(page, reverse("certification:proposition", args=[dossier.pk]))
    assert Decimal(proposition["note_proposee"].value.replace(",", ".")) == calculee
    proposition.submit().follow()
    return brute, calculee


def papiers(site: Site, dossier: Dossier, parcours: Parcours) -> None:
    """Ce qui s'imprime ne parle que de ce diplôme."""
    for nom in ("grille-pdf", "dossier-pdf", "bilan-pdf", "synthese-pdf"):
        texte = " ".join(texte_pdf(site.page(f"certification:{nom}", dossier.pk)).split())
        assert NOM in texte
        assert parcours.diplome["intitule"].split(" option")[0][:30] in texte
        if parcours.diplome["code"] != "TRPM":
            assert "TRPM" not in texte
        if parcours.option == "SANS":
            assert "SANS" not in texte
            assert "Option" not in texte

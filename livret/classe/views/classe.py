from itertools import groupby

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from livret.classe.condition import etiquetee, etiquette, inchangee
from livret.classe.pages import classes_suivies, demandes_ouvertes, filtre_lu, ouvertes
from livret.classe.sorties import sortie_notee, sorties_de_classe
from livret.classe.table_html import comptes, entetes, rangees
from livret.personnes.classes import classe_suivie, eleves_presents, peut_evaluer
from livret.personnes.models.classe import Classe
from livret.personnes.photo import PhotoEleve
from livret.personnes.requete import Requete
from livret.progression.attentes import attentes_de, rangees_situees, semestre_de
from livret.synthese.classeur import tableau_csv, tableau_xlsx
from livret.synthese.tableau import Tableau, tableau
from trpm.acces import requires
from trpm.echanges.models import Sortie
from trpm.impression.documents import TYPE_CSV, TYPE_XLSX, telechargement
from trpm.permissions import Action


@requires(Action.VOIR_CLASSE)
def classes(request: Requete) -> HttpResponse:
    suivies = classes_suivies(request.user)
    annees = [(annee, list(groupe)) for annee, groupe in groupby(suivies, lambda classe: classe.annee)]
    return render(request, "livret/classe/classes.html", {"annees": annees})


@requires(Action.VOIR_CLASSE)
def classe(request: Requete, pk: int) -> HttpResponse:
    """La page, ou 304 si le navigateur l'a déjà telle qu'elle est."""
    marque = etiquette(request, pk)
    return inchangee(request, marque) or etiquetee(_classe(request, pk), marque)


def _classe(request: Requete, pk: int) -> HttpResponse:
    division = classe_suivie(request, pk)
    bord = tableau(eleves_presents(division), division)
    semestre = semestre_de(division, jour := timezone.localdate())
    attentes = attentes_de({livret.eleve.promotion_id for livret in bord.livrets})
    filtre = filtre_lu(request.GET, division)
    situees = filtre.retenues(rangees_situees(bord, attentes, semestre))
    contexte = {
        "classe": division,
        "tableau": bord,
        "filtre": filtre,
        "rangees": situees,
        "entetes": entetes(bord.colonnes, filtre.tri, request.GET),
        "comptes": comptes(bord.colonnes),
        "table": rangees(situees, division.promotion.option_id, _photos(division, bord)),
        "attendue": any(une.competences for une in attentes.values()),
        "semestre": division.cycle.nom(semestre),
        "ouvertes": ouvertes(division.pk),
        "evaluateur": peut_evaluer(request.user, division),
        "demandes": demandes_ouvertes(request.user, division, jour),
    }
    return render(request, "livret/classe/classe.html", contexte)


def _photos(division: Classe, bord: Tableau) -> dict[int, str]:
    return PhotoEleve.objects.adresses(division, [livret.eleve.pk for livret in bord.livrets])


@requires(Action.VOIR_CLASSE)
def situations(request: Requete, pk: int) -> HttpResponse:
    division = classe_suivie(request, pk)
    contexte = {
        "classe": division,
        "situations": division.situations.select_related("auteur", "groupe", "eleve"),
        "evaluateur": peut_evaluer(request.user, division),
    }
    return render(request, "livret/classe/situations.html", contexte)


@requires(Action.VOIR_CLASSE)
def echanges(request: Requete, pk: int) -> HttpResponse:
    """Ce qui sort de la classe, qui l'a pris, et si cela a changé depuis."""
    division = classe_suivie(request, pk)
    bord = tableau(eleves_presents(division), division)
    contexte = {"classe": division, "sorties": sorties_de_classe(division, bord)}
    return render(request, "livret/classe/echanges.html", contexte)


@requires(Action.VOIR_CLASSE)
def classe_xlsx(request: Requete, pk: int) -> HttpResponse:
    division = classe_suivie(request, pk)
    bord = tableau(eleves_presents(division), division)
    sortie_notee(division, request.user, Sortie.Genre.CLASSEUR, bord)
    contenu = tableau_xlsx(division, bord)
    return telechargement(contenu, f"{division.nom} {division.annee} - compétences.xlsx", TYPE_XLSX)


@requires(Action.VOIR_CLASSE)
def classe_csv(request: Requete, pk: int) -> HttpResponse:
    """Le même tableau en texte séparé, pour un logiciel de vie scolaire."""
    division = classe_suivie(request, pk)
    bord = tableau(eleves_presents(division), division)
    sortie_notee(division, request.user, Sortie.Genre.TABLEAU, bord)
    contenu = tableau_csv(division, bord)
    return telechargement(contenu, f"{division.nom} {division.annee} - compétences.csv", TYPE_CSV)

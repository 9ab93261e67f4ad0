"""La matière du banc : le référentiel officiel, une classe, ses situations, une commission, des bilans.

Tout se déduit du rang des choses ; rien n’est tiré au hasard, deux bases neuves sont identiques.
"""

import datetime
from typing import Any

from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import QuerySet

from bench.tailles import Taille
from certification.dossier.resultats import dossiers_lus
from certification.models import Commission, Decision, Dossier
from livret.bilan.lus import (
    RELATIONS,
    BilanLu,
    bilans_lus,
    instantanes,
)
from livret.models import (
    Bilan,
    Classe,
    Eleve,
    Evaluation,
    Fiche,
    Observation,
    Scolarite,
    Situation,
    Utilisateur,
)
from referentiel.models import Competence, Detaillee, Niveau
from tests import factories
from trpm.base.instantane import ecrire

OPTION = "RSP"
EPREUVE = "E31"
SESSION_COURANTE, SESSION_NOMBREUSE = factories.SESSION + 1, factories.SESSION + 2
AUTRES_EPREUVES = ("E2", "E32")
CLASSE = "Tle du banc"
ENSEIGNANT = "enseignant-du-banc"
COMPETENCES_PAR_SITUATION = 4
ACTIVITES = (
    "Étude du dossier de définition d’une bride de serrage, choix des outils et des paramètres de coupe.\n"
    "Réglage du centre d’usinage, réalisation d’une première pièce, contrôle et corrections.\n"
    "Lancement d’une petite série de vingt pièces et suivi de la production sur la carte de contrôle."
)
INVENTAIRE = {
    "documents": "Dossier de définition",
    "materiels": "Centre d’usinage à trois axes\nColonne de mesure et machine à mesurer tridimensionnelle",
    "outils": "Outils et porte-outils",
    "numeriques": "Modèle numérique\nLogiciel de fabrication assistée",
}


def mesurer(taille: Taille) -> dict[str, Any]:
    """Prépare une base neuve ; dit le nom et la version de son serveur."""
    call_command("migrate", verbosity=0)
    with transaction.atomic():
        diplome = factories.trpm()
        lycee = factories.etablissement("Lycée du banc")
        promotion = factories.promotion(lycee, diplome, OPTION)
        enseignant = compte(ENSEIGNANT, lycee)
        classe = factories.classe(promotion, [enseignant], nom=CLASSE)
        eleves = inscrire(classe, taille.eleves)
        evaluer(classe, eleves, enseignant, taille)
        for epreuve in (EPREUVE, *AUTRES_EPREUVES):
            reunir_commission(classe, eleves, enseignant, epreuve)
        dresser_bilans(classe, enseignant)
        enseignant.appartenances.create(etablissement=lycee, role="president")
        reunir_session(classe, enseignant, SESSION_COURANTE, taille.eleves, taille.items)
        reunir_session(classe, enseignant, SESSION_NOMBREUSE, taille.candidats, taille.items)
    analyser()
    version = ".".join(map(str, connection.get_database_version()))
    return {"serveur": f"{connection.display_name} {version}"}


def analyser() -> None:
    """Met à jour ce que le planificateur sait des tables, comme le fait d’elle-même une base en service."""
    with connection.cursor() as curseur:
        curseur.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def compte(identifiant: str, lycee: Any) -> Utilisateur:
    """Enseignant sans mot de passe : le calculer coûterait plus que tout le reste."""
    utilisateur = Utilisateur.objects.create_user(identifiant, first_name="Claude", last_name="BANC")
    utilisateur.appartenances.create(etablissement=lycee, role="enseignant")
    return utilisateur


def inscrire(classe: Classe, effectif: int) -> list[Eleve]:
    statut = classe.promotion.referentiel.statuts.order_by("ordre", "pk")[0]
    eleves = Eleve.objects.bulk_create(
        [
            Eleve(
                etablissement=classe.etablissement,
                promotion=classe.promotion,
                nom=f"CANDIDAT{rang:02d}",
                prenom="Alix",
                naissance=datetime.date(2008, 1 + rang % 12, 1 + rang % 28),
                ine=f"{classe.pk:05d}{rang:05d}Z",
                option=classe.promotion.option,
                statut=statut,
            )
            for rang in range(1, effectif + 1)
        ]
    )
    Scolarite.objects.bulk_create([Scolarite(eleve=eleve, classe=classe) for eleve in eleves])
    return eleves


def detaillees_de(classe: Classe) -> list[Detaillee]:
    """Celles de l’option, dans l’ordre du référentiel."""
    toutes = Detaillee.objects.filter(competence__referentiel=classe.promotion.referentiel)
    return [
        detaillee
        for detaillee in toutes.order_by("competence__ordre", "ordre", "pk")
        if detaillee.concerne(classe.promotion.option_id)
    ]


def situation_vierge(
    classe: Classe, auteur: Utilisateur, detaillees: list[Detaillee], rang: int = 0
) -> Situation:
    jour = datetime.date(classe.promotion.session, 1, 12) + datetime.timedelta(days=7 * rang)
    scene = factories.situation(
        classe,
        auteur,
        nature=Situation.Nature.CERTIFICATIVE if rang % 2 == 0 else Situation.Nature.FORMATIVE,
        debut=jour,
        fin=jour + datetime.timedelta(days=4),
        etat=Situation.Etat.PUBLIEE,
        description=ACTIVITES,
        **INVENTAIRE,
    )
    scene.detaillees.set(detaillees)
    return scene


def evaluer(classe: Classe, eleves: list[Eleve], auteur: Utilisateur, taille: Taille) -> None:
    """La première situation vise les douze premiers détails ; les autres, quatre compétences en entier."""
    detaillees = detaillees_de(classe)
    competences = list(Competence.objects.filter(referentiel=classe.promotion.referentiel).order_by("ordre"))
    niveaux = niveaux_de(classe)
    for rang in range(taille.situations):
        debut = COMPETENCES_PAR_SITUATION * rang
        fenetre = {competences[(debut + n) % len(competences)].pk for n in range(COMPETENCES_PAR_SITUATION)}
        visees = [d for d in detaillees if d.competence_id in fenetre] if rang else detaillees[: taille.items]
        scene = situation_vierge(classe, auteur, visees, rang)
        remplir(scene, eleves, visees, niveaux)


def niveaux_de(classe: Classe) -> list[Niveau]:
    return list(Niveau.objects.filter(echelle__grilles=classe.promotion.grille_id).order_by("valeur"))


def remplir(
    scene: Situation, eleves: list[Eleve], detaillees: list[Detaillee], niveaux: list[Niveau]
) -> None:
    commun: dict[str, Any] = {"situation": scene, "auteur": scene.auteur}

    def niveau(eleve: Eleve, item: int) -> Niveau:
        return niveaux[(7 * eleve.pk + 3 * scene.pk + 5 * item) % len(niveaux)]

    competences = sorted({detaillee.competence_id for detaillee in detaillees})
    Observation.objects.bulk_create(
        [
            Observation(eleve=eleve, detaillee=detaillee, niveau=niveau(eleve, detaillee.pk), **commun)
            for eleve in eleves
            for detaillee in detaillees
        ]
    )
    Evaluation.objects.bulk_create(
        [
            Evaluation(eleve=eleve, competence_id=competence, niveau=niveau(eleve, competence), **commun)
            for eleve in eleves
            for competence in competences
        ]
    )
    Fiche.objects.bulk_create(
        [
            Fiche(eleve=eleve, commentaire="Travail soigné, contrôle à rendre plus régulier.", **commun)
            for eleve in eleves
        ]
    )


def reunir_session(classe: Classe, auteur: Utilisateur, session: int, effectif: int, items: int) -> None:
    """Une session à suivre : une situation, une commission, et autant de candidats que demandé."""
    lycee, diplome = classe.etablissement, classe.promotion.referentiel
    division = factories.classe(factories.promotion(lycee, diplome, OPTION, session), [auteur])
    eleves = inscrire(division, effectif)
    visees = detaillees_de(division)[:items]
    remplir(situation_vierge(division, auteur, visees), eleves, visees, niveaux_de(division))
    commission = factories.commission(division.promotion, EPREUVE, [auteur])
    Dossier.objects.bulk_create([Dossier(commission=commission, eleve=eleve) for eleve in eleves])


def reunir_commission(classe: Classe, eleves: list[Eleve], auteur: Utilisateur, epreuve: str) -> None:
    """Les niveaux proposés sont tous arrêtés, et la note calculée est la note proposée."""
    commission = factories.commission(classe.promotion, epreuve, [auteur])
    dossiers = Dossier.objects.bulk_create([Dossier(commission=commission, eleve=eleve) for eleve in eleves])
    competences = {c.code: c for c in classe.promotion.referentiel.competences.all()}
    niveaux: dict[int | None, Niveau] = {niveau.valeur: niveau for niveau in niveaux_de(classe)}
    Decision.objects.bulk_create(
        [
            Decision(
                dossier=lu.dossier,
                competence=competences[ligne.code],
                niveau=niveaux.get(ligne.propose),
                non_demontree=ligne.propose is None,
                motif="Jamais évaluée." if ligne.propose is None else "",
                auteur=auteur,
                vu=ecrire(ligne.vu(lu.grille.regle)),
            )
            for lu in dossiers_lus(dossiers)
            for ligne in lu.grille.lignes
        ]
    )
    for lu in dossiers_lus(dossiers):
        Dossier.objects.filter(pk=lu.dossier.pk).update(
            note_proposee=lu.grille.calculee,
            vu_note=ecrire(lu.grille.vu_note()),
            vu_observations=ecrire(lu.grille.vu_observations()),
            observations="Candidat sérieux, à l’aise dans la conduite de la production.",
        )


def dresser_bilans(classe: Classe, auteur: Utilisateur) -> None:
    """Un bilan validé par élève au semestre 5, puis un au semestre 6 qui s’y compare."""
    session = classe.promotion.session
    for semestre, jour in ((5, datetime.date(session, 1, 30)), (6, datetime.date(session, 5, 29))):
        bilans = [
            Bilan(
                eleve=eleve,
                classe=classe,
                semestre=semestre,
                date=jour,
                etat=Bilan.Etat.VALIDE,
                appreciation="Un semestre sérieux ; l’autonomie doit encore s’affirmer dans le contrôle.",
                mots="Je me sens plus à l’aise sur la machine qu’au début de l’année.",
                mots_par=auteur,
                objectifs="Mener seul un réglage complet, contrôle de la première pièce compris.",
                entretien_le=jour,
                entretien_avec=auteur,
                enseignant_present=True,
                eleve_present=True,
                convenu="Un point à mi-parcours avec l’enseignant.",
                valide_le=datetime.datetime.combine(jour, datetime.time(12), datetime.UTC),
                valide_par=auteur,
                auteur=auteur,
            )
            for eleve in Eleve.objects.filter(scolarites__classe=classe).select_related(
                *(nom.removeprefix("eleve__") for nom in RELATIONS if nom.startswith("eleve__"))
            )
        ]
        for bilan, fige in zip(bilans, instantanes(bilans), strict=True):
            bilan.sceller(fige.vers_json())
        Bilan.objects.bulk_create(bilans)


def classe_du_banc() -> Classe:
    return Classe.objects.select_related("promotion__referentiel", "etablissement").get(nom=CLASSE)


def commissions_du_banc() -> QuerySet[Commission]:
    """Celles dont tout est décidé : les sessions à suivre n’en sont pas."""
    return Commission.objects.filter(session=factories.SESSION)


def dossiers_du_banc() -> list[Dossier]:
    return list(commissions_du_banc().get(epreuve__code=EPREUVE).dossiers.all())


def bilans_du_banc() -> list[BilanLu]:
    return bilans_lus(Bilan.objects.filter(classe=classe_du_banc(), semestre=6))

"""Qui peut faire quoi : les rôles, les actions et la table qui les relie.

Module pur, sans Django. Une vue nomme l'action qu'elle demande ; la table dit quels rôles
l'accordent ; le périmètre (quels objets) est l'affaire des « querysets » `for_user`.
Les rôles se cumulent et sont tenus établissement par établissement.
"""

from enum import StrEnum


class Role(StrEnum):
    ADMINISTRATEUR = "administrateur"
    ENSEIGNANT = "enseignant"
    ELEVE = "eleve"
    MEMBRE = "membre"
    PRESIDENT = "president"
    INSPECTEUR = "inspecteur"
    RESPONSABLE = "responsable"


class Action(StrEnum):
    CONSULTER_REFERENTIEL = "consulter_referentiel"
    IMPORTER_REFERENTIEL = "importer_referentiel"
    ADMINISTRER = "administrer"
    IMPORTER_ELEVES = "importer_eleves"
    VOIR_CLASSE = "voir_classe"
    COMPOSER_GROUPES = "composer_groupes"
    DEPOSER_PHOTOS = "deposer_photos"
    VOIR_LIVRET = "voir_livret"
    TENIR_LIVRET = "tenir_livret"
    EXPORTER_LIVRET = "exporter_livret"
    EFFACER_TRACE = "effacer_trace"
    EVALUER = "evaluer"
    VOIR_BILAN = "voir_bilan"
    VOIR_ECHELLE = "voir_echelle"
    LIRE_FICHE_TUTEUR = "lire_fiche_tuteur"
    PREPARER_BILAN = "preparer_bilan"
    ECRIRE_SES_MOTS = "ecrire_ses_mots"
    PLANIFIER = "planifier"
    SUIVRE_PFMP = "suivre_pfmp"
    VOIR_COMMISSION = "voir_commission"
    PREPARER_COMMISSION = "preparer_commission"
    POSITIONNER = "positionner"
    FIGER = "figer"
    IMPRIMER_DOSSIER = "imprimer_dossier"
    OUVRIR_AU_JURY = "ouvrir_au_jury"
    INSPECTER = "inspecter"
    SUIVRE_SON_ENFANT = "suivre_son_enfant"
    AIDER_LSL = "aider_lsl"
    S_ABONNER = "s_abonner"
    TENIR_JETONS = "tenir_jetons"


_R = Role
_TOUS = frozenset(Role)
_COMMISSION = frozenset({_R.MEMBRE, _R.PRESIDENT})
"""Ils examinent « le parcours du candidat décrit dans le livret » (DOMAINE.md, section 5) : en lecture
seule, leurs candidats, tant que la commission siège (Q53)."""

DROITS: dict[Action, frozenset[Role]] = {
    Action.CONSULTER_REFERENTIEL: _TOUS,
    Action.IMPORTER_REFERENTIEL: frozenset({_R.ADMINISTRATEUR}),
    Action.ADMINISTRER: frozenset({_R.ADMINISTRATEUR}),
    Action.IMPORTER_ELEVES: frozenset({_R.ADMINISTRATEUR}),
    Action.VOIR_CLASSE: frozenset({_R.ADMINISTRATEUR, _R.ENSEIGNANT}),
    Action.COMPOSER_GROUPES: frozenset({_R.ADMINISTRATEUR, _R.ENSEIGNANT}),
    Action.DEPOSER_PHOTOS: frozenset({_R.ADMINISTRATEUR, _R.ENSEIGNANT}),
    Action.VOIR_LIVRET: frozenset({_R.ADMINISTRATEUR, _R.ENSEIGNANT, _R.ELEVE}) | _COMMISSION,
    Action.TENIR_LIVRET: frozenset({_R.ELEVE}),
    Action.EXPORTER_LIVRET: frozenset({_R.ADMINISTRATEUR, _R.ELEVE}),
    Action.EFFACER_TRACE: frozenset({_R.ADMINISTRATEUR, _R.ENSEIGNANT, _R.ELEVE}),
    Action.EVALUER: frozenset({_R.ENSEIGNANT}),
    Action.VOIR_BILAN: frozenset({_R.ADMINISTRATEUR, _R.ENSEIGNANT, _R.ELEVE}) | _COMMISSION,
    Action.VOIR_ECHELLE: frozenset({_R.ADMINISTRATEUR, _R.ENSEIGNANT}) | _COMMISSION,
    Action.LIRE_FICHE_TUTEUR: frozenset({_R.ADMINISTRATEUR, _R.ENSEIGNANT}) | _COMMISSION,
    Action.PREPARER_BILAN: frozenset({_R.ENSEIGNANT}),
    Action.ECRIRE_SES_MOTS: frozenset({_R.ELEVE}),
    Action.PLANIFIER: frozenset({_R.ENSEIGNANT}),
    Action.SUIVRE_PFMP: frozenset({_R.ADMINISTRATEUR, _R.ENSEIGNANT}),
    Action.VOIR_COMMISSION: frozenset({_R.ADMINISTRATEUR, _R.MEMBRE, _R.PRESIDENT}),
    Action.PREPARER_COMMISSION: frozenset({_R.ADMINISTRATEUR, _R.PRESIDENT}),
    Action.POSITIONNER: frozenset({_R.MEMBRE, _R.PRESIDENT}),
    Action.FIGER: frozenset({_R.PRESIDENT}),
    Action.IMPRIMER_DOSSIER: frozenset({_R.ADMINISTRATEUR, _R.MEMBRE, _R.PRESIDENT}),
    Action.OUVRIR_AU_JURY: frozenset({_R.PRESIDENT}),
    Action.INSPECTER: frozenset({_R.INSPECTEUR}),
    Action.SUIVRE_SON_ENFANT: frozenset({_R.RESPONSABLE}),
    Action.AIDER_LSL: frozenset({_R.ADMINISTRATEUR, _R.ENSEIGNANT, _R.PRESIDENT}),
    Action.S_ABONNER: _TOUS - {_R.INSPECTEUR, _R.RESPONSABLE},
    Action.TENIR_JETONS: frozenset({_R.ADMINISTRATEUR, _R.ENSEIGNANT}),
}


ACTES_DESTRUCTEURS: frozenset[str] = frozenset(
    {
        # Ce qui se supprime ou s'efface pour de bon.
        "certification:commission-delete",
        "livret:bilan-delete",
        "livret:classe-delete",
        "livret:eleve-delete",
        "livret:portfolio-effacer",
        "livret:promotion-delete",
        "livret:scolarite-delete",
        # Ce qui défait, pour beaucoup de monde, ce qui avait été fait.
        "certification:commission-cloture",
        "certification:mise-en-service-retour",
        "certification:rouvrir",
        "livret:rentree-annuler",
        "referentiel:import-revenir",
        # Ce qui ferme ou remplace l'accès d'une personne.
        "livret:compte-activite",
        "livret:compte-mot-de-passe",
        "livret:compte-second-facteur",
    }
)
"""Les adresses dont un envoi redemande qui l'on est, s'il y a plus d'un quart d'heure qu'on l'a prouvé."""

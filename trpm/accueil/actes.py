"""Les actes que l'on trouve par leur nom, d'où que l'on soit : une table, bornée par les droits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse

from livret.models import Classe, Eleve
from livret.personnes.regard import Regard
from trpm.acces import peut
from trpm.permissions import Action

A = Action
# Une phrase, les mots par lesquels on la cherche aussi, son adresse, le droit qu'elle demande.
DE_CLASSE = (
    ("Créer une situation", "nouvelle évaluation ajouter", "livret:situation-create", A.EVALUER),
    ("Évaluer à la volée", "noter rapide", "livret:situation-volee", A.EVALUER),
    ("Préparer les bilans", "intermédiaire semestre entretien", "livret:bilans", A.VOIR_CLASSE),
    ("Suivre les PFMP", "stage entreprise visite tuteur", "livret:classe-pfmp", A.SUIVRE_PFMP),
    ("Voir la couverture", "jamais vue compétences", "livret:couverture", A.VOIR_CLASSE),
    ("Composer les groupes", "demi-classe répartir", "livret:groupes", A.COMPOSER_GROUPES),
)
DE_PROMOTION = (
    ("Voir la progression", "séquences calendrier planifier", "livret:progression", A.VOIR_CLASSE),
    ("Régler l’échelle de compétences", "attendu niveau semestre", "livret:echelle", A.VOIR_ECHELLE),
)
DE_LA_PERSONNE = (
    ("Voir les modèles de situation", "partagé reprendre copier", "livret:modeles", A.EVALUER),
    ("Tenir le carnet d’entreprises", "stage tuteur", "livret:entreprises", A.SUIVRE_PFMP),
    ("Ajouter une entreprise", "nouvelle créer", "livret:entreprise-create", A.SUIVRE_PFMP),
    ("Régler mes phrases", "commentaire appréciation", "livret:phrases", A.EVALUER),
    (
        "Préparer une commission",
        "créer nouvelle jury",
        "certification:commission-create",
        A.PREPARER_COMMISSION,
    ),
    ("Voir les commissions", "certification dossier", "certification:commissions", A.VOIR_COMMISSION),
    ("Voir les situations retenues", "inspection", "certification:inspection", A.INSPECTER),
    ("Administrer l’établissement", "comptes classes élèves import", "livret:administration", A.ADMINISTRER),
    ("Importer un référentiel", "diplôme", "referentiel:importer", A.IMPORTER_REFERENTIEL),
    ("Consulter le référentiel", "diplôme grille poids", "referentiel:liste", A.CONSULTER_REFERENTIEL),
)
DE_L_ELEVE = (
    ("Ouvrir mon livret", "niveaux compétences", "livret:eleve"),
    ("Voir ce qu’il me reste à prouver", "demander évaluation", "livret:a-prouver"),
    ("M’auto-évaluer", "auto-évaluation", "livret:autoevaluation"),
    ("Déposer dans mon portfolio", "photo trace preuve", "livret:portfolio"),
    ("Voir mes PFMP", "stage entreprise", "livret:eleve-pfmp"),
)
DE_CHACUN = (
    ("Voir ce qui m’attend", "accueil à faire", "accueil"),
    ("Voir les nouveautés", "notifications avis cloche", "nouveautes"),
    ("Régler l’avis par courriel", "notification mail", "avis"),
    ("Changer de mot de passe", "compte", "mot-de-passe"),
    ("Lire l’aide", "raccourcis clavier", "livret:aide"),
)


@dataclass(frozen=True)
class ActeNomme:
    phrase: str
    mots: str
    adresse: str


def actes_de(regard: Regard, eleve: Eleve | None) -> list[ActeNomme]:
    """Ceux que ses rôles accordent, ceux de ses classes de l'année compris. Aucune requête."""
    user = regard.user
    actes = [acte for classe in regard.classes for acte in _de_classe(classe, regard)]
    if eleve:
        actes += [ActeNomme(phrase, mots, reverse(nom, args=[eleve.pk])) for phrase, mots, nom in DE_L_ELEVE]
    actes += [
        ActeNomme(phrase, mots, reverse(nom))
        for phrase, mots, nom, action in DE_LA_PERSONNE
        if peut(user, action)
    ]
    return actes + [ActeNomme(phrase, mots, reverse(nom)) for phrase, mots, nom in DE_CHACUN]


def _de_classe(classe: Classe, regard: Regard) -> Iterable[ActeNomme]:
    equipe = classe in regard.evaluees
    for table, cle in ((DE_CLASSE, classe.pk), (DE_PROMOTION, classe.promotion_id)):
        for phrase, mots, nom, action in table:
            if peut(regard.user, action) and (equipe or action != A.EVALUER):
                yield ActeNomme(f"{phrase} · {classe.nom}", mots, reverse(nom, args=[cle]))

"""L'archive qu'un élève emporte dans une autre installation : signée, relue par elle et par un humain.

Tout s'y désigne par son code, jamais par une clé d'ici. Le format : `docs/format-transfert.md`.
"""

from __future__ import annotations

import json
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from livret.bilan.documents import bilans_nommes
from livret.bilan.models import Bilan
from livret.eleve.documents import contenu, livret_pdf
from livret.evaluation.models import Evaluation, Fiche, Observation, Remarque
from livret.evaluation.trace import Trace
from livret.personnes.models.classe import Classe, Promotion
from livret.personnes.models.compte import Utilisateur
from livret.personnes.models.eleve import Eleve
from livret.pfmp.models.pfmp import Pfmp
from livret.situation.models.situation import Situation
from trpm.base.archive import ecrire
from trpm.base.signature import cle

FORMAT, VERSION = "trpm-transfert-eleve", 1
DONNEES = "transfert.json"
MOTS = (
    *("intitule", "nature", "lieu", "semestre", "description", "entreprise", "tuteur", "etat"),
    *("retenue", "retenue_motif", *Situation.RUBRIQUES),
)
DE_LA_CLASSE = (
    *("classe__annee", "classe__promotion__referentiel"),
    *("classe__promotion__option", "classe__promotion__grille__echelle"),
)
JOURS = ("debut", "fin", "publiee_le", "visible_des")


def archive_de_depart(eleve: Eleve, par: Utilisateur) -> bytes:
    rassemble = contenu(eleve)
    fichiers = {
        DONNEES: json.dumps(donnees(eleve), ensure_ascii=False, indent=1).encode(),
        "livret.pdf": livret_pdf(par, eleve, equipe=False),
    }
    fichiers |= {f"bilans/{nom}.pdf": octets for nom, octets in bilans_nommes(rassemble.bilans)}
    for trace in Trace.objects.gardees().filter(eleve=eleve).exclude(fichier=""):
        with trace.fichier.open() as fichier:
            fichiers[_chemin(trace)] = fichier.read()
    return ecrire(fichiers, cle())


def donnees(eleve: Eleve) -> dict[str, Any]:
    """Tout ce qui n'est plus un brouillon ; ce qui compte là-bas est ce qui comptait ici."""
    situations = (
        Situation.objects.exclude(etat=Situation.Etat.BROUILLON)
        .filter(pk__in=_situations(eleve))
        .select_related(*DE_LA_CLASSE, "auteur")
        .prefetch_related("competences", "detaillees__option", "detaillees__competence")
        .order_by("debut", "pk")
    )
    return {
        "format": FORMAT,
        "version": VERSION,
        "edite_le": timezone.localtime().isoformat(timespec="seconds"),
        "origine": {"uai": eleve.etablissement.uai, "nom": eleve.etablissement.nom},
        "eleve": {
            **{nom: getattr(eleve, nom) for nom in ("nom", "prenom", "ine", "numero_candidat")},
            "naissance": eleve.naissance and eleve.naissance.isoformat(),
            "promotion": _promotion(eleve.promotion),
            "option": eleve.option.code,
            "statut": eleve.statut.code if eleve.statut else None,
        },
        "situations": [_situation(une, eleve) for une in situations],
        "bilans": [_bilan(un) for un in _bilans(eleve)],
        "pfmp": [_pfmp(une) for une in _pfmps(eleve)],
        "portfolio": [_trace(une) for une in Trace.objects.gardees().filter(eleve=eleve, situation=None)],
    }


def _situations(eleve: Eleve) -> set[int]:
    lues = (eleve.evaluations, eleve.observations, eleve.fiches, eleve.remarques, eleve.traces)
    return {pk for lignes in lues for pk in lignes.values_list("situation", flat=True) if pk}


def _promotion(promotion: Promotion) -> dict[str, Any]:
    diplome = promotion.referentiel
    return {
        "diplome": {"code": diplome.code, "version": diplome.version, "intitule": diplome.intitule},
        "grille": promotion.grille.version,
        "echelle": [
            [un.code, un.valeur, un.libelle] for un in promotion.grille.echelle.niveaux.order_by("valeur")
        ],
        "option": promotion.option.code,
        "session": promotion.session,
        "nom": promotion.nom,
    }


def _classe(classe: Classe) -> dict[str, Any]:
    return {
        "nom": classe.nom,
        "niveau": classe.niveau,
        "annee": classe.annee.debut,
        "promotion": _promotion(classe.promotion),
    }


def _bilans(eleve: Eleve) -> QuerySet[Bilan]:
    valides = Bilan.objects.valides().filter(eleve=eleve).select_related(*DE_LA_CLASSE, "valide_par")
    return valides.order_by("date", "numero")


def _bilan(un: Bilan) -> dict[str, Any]:
    """`contenu` : l'instantané, mot pour mot ; son empreinte le prouve."""
    return {
        "classe": _classe(un.classe),
        "semestre": un.semestre,
        "date": un.date.isoformat(),
        "numero": un.numero,
        "valide_le": un.valide_le and un.valide_le.isoformat(),
        "valide_par": un.valide_par.nom_complet if un.valide_par else "",
        "contenu": un.contenu,
        "empreinte": un.empreinte,
    }


def _pfmps(eleve: Eleve) -> QuerySet[Pfmp]:
    lies = [f"periode__{lien}" for lien in DE_LA_CLASSE]
    siennes = Pfmp.objects.maintenues().filter(eleve=eleve).select_related(*lies)
    return siennes.prefetch_related("sejours__entreprise", "sejours__tuteur", "absences")


def _pfmp(une: Pfmp) -> dict[str, Any]:
    return {
        "classe": _classe(une.periode.classe),
        "periode": une.periode.intitule,
        "activites": une.activites,
        "sejours": [
            {
                "entreprise": un.entreprise.nom,
                "ville": un.entreprise.ville,
                "tuteur": str(un.tuteur) if un.tuteur else "",
                "debut": un.debut.isoformat(),
                "fin": un.fin.isoformat(),
                "jours": un.presence.prevus,
                "rattrapage": un.rattrapage,
            }
            for un in une.sejours.all()
        ],
        "absences": [
            {
                "debut": un.debut.isoformat(),
                "fin": un.fin.isoformat(),
                "jours": str(un.jours),
                "rattrapee": un.rattrapee,
            }
            for un in une.absences.all()
        ],
    }


def _situation(une: Situation, eleve: Eleve) -> dict[str, Any]:
    siennes = {"situation": une, "eleve": eleve}
    lie = ("auteur", "niveau")
    fiche = Fiche.objects.filter(**siennes).select_related("auteur").first()
    return {
        "classe": _classe(une.classe),
        **{nom: getattr(une, nom) for nom in MOTS},
        **{nom: (lu := getattr(une, nom)) and lu.isoformat() for nom in JOURS},
        "auteur": une.auteur.nom_complet,
        "competences": [un.code for un in une.competences.all()],
        "detaillees": [_detaillee(un) for un in une.detaillees.all()],
        "evaluations": [
            {"competence": un.competence.code, **_saisie(un)}
            for un in Evaluation.objects.filter(**siennes).select_related("competence", *lie)
        ],
        "observations": [
            {"detaillee": _detaillee(un.detaillee), **_saisie(un)}
            for un in Observation.objects.filter(**siennes).select_related("detaillee__option", *lie)
        ],
        "remarques": [
            {
                "competence": un.competence.code if un.competence else None,
                "detaillee": _detaillee(un.detaillee) if un.detaillee else None,
                "texte": un.texte,
                "auteur": un.auteur.nom_complet,
            }
            for un in Remarque.objects.filter(**siennes).select_related(
                "competence", "detaillee__option", "auteur"
            )
        ],
        "commentaire": {"texte": fiche.commentaire, "auteur": fiche.auteur.nom_complet} if fiche else None,
        "traces": [_trace(un) for un in Trace.objects.gardees().filter(**siennes)],
    }


def _saisie(une: Any) -> dict[str, Any]:
    return {
        "niveau": une.niveau.code if une.niveau else None,
        "mention": une.mention,
        "auteur": une.auteur.nom_complet,
        "le": une.modifie_le.isoformat(),
    }


def _detaillee(une: Any) -> list[str]:
    """Deux options peuvent employer le même code."""
    return [une.code, une.option.code if une.option else ""]


def _trace(une: Trace) -> dict[str, Any]:
    return {
        **{
            nom: getattr(une, nom)
            for nom in ("texte", "nom", "type_mime", "empreinte", "origine", "au_dossier")
        },
        "fichier": _chemin(une) if une.fichier else None,
        "auteur": une.auteur.nom_complet,
        "le": une.creee_le.isoformat(),
    }


def _chemin(trace: Trace) -> str:
    return f"fichiers/{trace.pk}"

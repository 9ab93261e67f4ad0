"""Tout ce qui concerne un élève, tel qu'il le voit, dans un fichier qu'il emporte.

Le format de `livret.json` est décrit dans `docs/format-archive.md` ; il ne change pas sans que
`VERSION` change. Aucune note, aucun autre élève.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile

from django.utils import timezone

from livret.bilan.lus import BilanLu
from livret.eleve.autoevaluation import AutoEvaluation
from livret.eleve.avant import LivretAvant
from livret.eleve.suivi import LigneSuivi, SuiviEleve
from livret.evaluation.models import Observation, Remarque
from livret.evaluation.trace import Trace
from livret.niveaux import Preuve
from livret.personnes.models.eleve import Eleve
from livret.pfmp.models.sejour import Sejour
from livret.pfmp.semaines import Semaines
from livret.situation.models.demande import Demande
from livret.synthese.livrets import SituationVecue
from referentiel.echelle import Degre, Echelle
from referentiel.models import Referentiel
from trpm.impression.documents import nom_de_fichier

FORMAT, VERSION = "trpm-livret-eleve", 1
MEMOIRE = 8 * 1024 * 1024


@dataclass(frozen=True)
class ContenuArchive:
    """Ce que l'archive rassemble, déjà restreint à ce que l'élève peut voir."""

    suivi: SuiviEleve
    semaines: Semaines
    passages: tuple[SituationVecue, ...]
    observations: tuple[Observation, ...]
    remarques: tuple[Remarque, ...]
    autoevaluations: tuple[AutoEvaluation, ...]
    demandes: tuple[Demande, ...]
    sejours: tuple[Sejour, ...]
    traces: tuple[Trace, ...]
    bilans: tuple[BilanLu, ...]


def archive(contenu: ContenuArchive, pdf: bytes, bilans: Iterable[tuple[str, bytes]] = ()) -> IO[bytes]:
    """Le zip, ouvert au début : les PDF, les données, les fichiers."""
    sortie: IO[bytes] = SpooledTemporaryFile(max_size=MEMOIRE)  # noqa: SIM115 : la réponse le ferme
    with ZipFile(sortie, "w", ZIP_DEFLATED) as zip_:
        zip_.writestr("livret.pdf", pdf)
        zip_.writestr("livret.json", json.dumps(donnees(contenu), ensure_ascii=False, indent=2))
        for nom, bilan in bilans:
            zip_.writestr(f"bilans/{nom}.pdf", bilan)
        for trace in contenu.traces:
            if trace.fichier:
                with trace.fichier.open() as fichier:
                    zip_.writestr(chemin(trace), fichier.read())
    sortie.seek(0)
    return sortie


def chemin(trace: Trace) -> str:
    return f"fichiers/{trace.pk}-{nom_de_fichier(trace.nom)}"


def donnees(contenu: ContenuArchive) -> dict[str, Any]:
    suivi = contenu.suivi
    return {
        "format": FORMAT,
        "version": VERSION,
        "edite_le": timezone.localtime().isoformat(timespec="seconds"),
        "eleve": _eleve(suivi.eleve),
        "parcours": [
            {
                "annee": str(une.classe.annee),
                "classe": une.classe.nom,
                "niveau": une.classe.niveau,
                "sortie": _jour(une.sortie),
                "diplome": _diplome(une.classe.promotion.referentiel),
            }
            for une in suivi.parcours
        ],
        "pfmp": _pfmp(contenu),
        "echelle": _echelle(suivi.livret.echelle),
        "competences": [_competence(bloc.code, une) for bloc in suivi.blocs for une in bloc.lignes],
        "avant": [_avant(ancien) for ancien in suivi.avant],
        "situations": [_situation(vecue, contenu) for vecue in contenu.passages],
        "autoevaluations": [_autoevaluation(une) for une in contenu.autoevaluations],
        "demandes": [_demande(une) for une in contenu.demandes],
        "portfolio": [_trace(une) for une in contenu.traces],
        "bilans": [_bilan(lu) for lu in contenu.bilans],
    }


def _eleve(eleve: Eleve) -> dict[str, Any]:
    return {
        "nom": eleve.nom,
        "prenom": eleve.prenom,
        "naissance": _jour(eleve.naissance),
        "ine": eleve.ine,
        "numero_candidat": eleve.numero_candidat,
        "statut": eleve.statut.intitule if eleve.statut else "",
        "option": {"code": eleve.option.code, "intitule": eleve.option.intitule},
        "etablissement": {"uai": eleve.etablissement.uai, "nom": eleve.etablissement.nom},
        "diplome": _diplome(eleve.promotion.referentiel),
        "session": eleve.promotion.session,
    }


def _diplome(referentiel: Referentiel) -> dict[str, str]:
    return {nom: getattr(referentiel, nom) for nom in ("code", "version", "intitule")}


def _avant(ancien: LivretAvant) -> dict[str, Any]:
    """Ce qu'il a montré sous un référentiel quitté, dans son échelle."""
    return {
        "diplome": _diplome(ancien.referentiel),
        "option": ancien.livret.eleve.option.code,
        "session": ancien.livret.eleve.promotion.session,
        "echelle": _echelle(ancien.livret.echelle),
        "competences": [
            {
                "code": une.ligne.code,
                "intitule": une.ligne.intitule,
                "meilleur_niveau": _code(une.degre),
                "preuve": _preuve(une.ligne.meilleure),
                "repond_a": list(une.repond),
            }
            for une in ancien.lignes
        ],
    }


def _echelle(echelle: Echelle) -> list[dict[str, Any]]:
    return [{"code": un.code, "valeur": un.valeur, "libelle": un.libelle} for un in echelle.degres]


def _pfmp(contenu: ContenuArchive) -> dict[str, Any]:
    return {
        "semaines_faites": str(contenu.semaines.faites),
        "semaines_visees": contenu.semaines.cible,
        "semaines_ailleurs": [
            {"etablissement": origine, "jours": str(jours)} for origine, jours in contenu.semaines.ailleurs
        ],
        "sejours": [
            {"entreprise": str(une.entreprise), "du": _jour(une.debut), "au": _jour(une.fin)}
            for une in contenu.sejours
        ],
    }


def _competence(bloc: str, une: LigneSuivi) -> dict[str, Any]:
    return {
        "bloc": bloc,
        "epreuve": une.ligne.epreuve,
        "code": une.ligne.code,
        "intitule": une.ligne.intitule,
        "meilleur_niveau": _code(une.ligne.degre),
        "preuve": _preuve(une.ligne.meilleure),
        "attendu": _code(une.repere.attendu),
        "position": une.repere.position.value,
        "evolution": [
            {"semestre": rang, "demontre": _code(etape.atteint), "attendu": _code(etape.attendu)}
            for rang, etape in enumerate(une.etapes, start=une.trajet.premier)
        ],
    }


def _preuve(preuve: Preuve | None) -> dict[str, Any] | None:
    if preuve is None:
        return None
    return {
        "date": _jour(preuve.date),
        "situation": preuve.situation,
        "lieu": preuve.lieu,
        "evaluateur": preuve.evaluateur,
    }


def _situation(passage: SituationVecue, contenu: ContenuArchive) -> dict[str, Any]:
    situation = passage.situation
    return {
        "intitule": situation.intitule,
        "diplome": _diplome(situation.classe.promotion.referentiel),
        "nature": situation.nature,
        "lieu": situation.lieu_complet,
        "du": _jour(situation.debut),
        "au": _jour(situation.fin),
        "niveaux": [
            {"competence": un.competence, "niveau": _code(un.degre), "mention": un.mention}
            for un in passage.positionnements
        ],
        "details": [
            {
                "competence_detaillee": une.detaillee.code,
                "niveau": une.niveau.code if une.niveau else None,
                "mention": une.get_mention_display(),
            }
            for une in _de(situation.pk, contenu.observations)
        ],
        "remarques": [{"case": une.case, "texte": une.texte} for une in _de(situation.pk, contenu.remarques)],
        "commentaire": passage.commentaire,
    }


def _autoevaluation(une: AutoEvaluation) -> dict[str, Any]:
    return {
        "competence": une.competence.code,
        "diplome": une.competence.referentiel.code,
        "niveau": une.niveau.code,
        "date": _jour(une.date),
        "situation": str(une.situation) if une.situation else None,
    }


def _demande(une: Demande) -> dict[str, Any]:
    return {
        "competence": une.competence.code,
        "diplome": une.competence.referentiel.code,
        "faite_le": une.creee_le.isoformat(),
        "traitee_le": une.traitee_le.isoformat() if une.traitee_le else None,
        "reponse": une.reponse,
    }


def _de(situation: int, lignes: Iterable[Any]) -> list[Any]:
    return [ligne for ligne in lignes if ligne.situation_id == situation]


def _trace(trace: Trace) -> dict[str, Any]:
    return {
        "texte": trace.texte,
        "fichier": chemin(trace) if trace.fichier else None,
        "empreinte_sha256": trace.empreinte,
        "origine": trace.origine,
        "ajoutee_le": trace.creee_le.isoformat(),
        "competences": [une.code for une in trace.competences.all()],
        "diplomes": sorted({une.referentiel.code for une in trace.competences.all()}),
        "situation": str(trace.situation) if trace.situation else None,
        "pfmp": str(trace.pfmp.periode) if trace.pfmp else None,
        "au_dossier": trace.au_dossier,
    }


def _bilan(lu: BilanLu) -> dict[str, Any]:
    """Le bilan validé tel qu'il a été figé, et son empreinte."""
    return {
        "valide_le": lu.bilan.valide_le.isoformat() if lu.bilan.valide_le else None,
        "empreinte_sha256": lu.bilan.empreinte,
        "contenu": json.loads(lu.bilan.contenu),
    }


def _code(degre: Degre | None) -> str | None:
    return degre.code if degre else None


def _jour(jour: Any) -> str | None:
    return jour.isoformat() if jour else None

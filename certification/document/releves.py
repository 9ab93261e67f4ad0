"""Les documents de toute une commission : procès-verbal, bordereau de notes, convocations."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from django.template.loader import render_to_string

from certification.commission.convoques import Convoque, convoques
from certification.commission.models import Commission
from certification.document import tirage
from certification.document.genres import STYLES
from certification.document.sceau import (
    COURTE,
    SANS_SCEAU,
    Sceau,
    empreinte_commune,
    sceau,
)
from certification.dossier.grille.citations import (
    CandidatCite,
    CommissionCitee,
    EpreuveCitee,
    EtablissementCite,
)
from certification.dossier.grille.epreuve import GrilleEpreuve
from certification.dossier.resultats import DossierLu
from certification.dossier.versions import Verification
from livret.personnes.alphabet import rang_alphabetique
from trpm.impression import documents


@dataclass(frozen=True)
class Proposition:
    """Un candidat devant une épreuve : ce que la commission propose, ou sa situation."""

    grille: GrilleEpreuve
    version: int | None
    empreinte: str

    @property
    def candidat(self) -> CandidatCite:
        return self.grille.candidat

    @property
    def note(self) -> str:
        return self.grille.texte_note


@dataclass(frozen=True)
class Releve:
    """Ce que disent le procès-verbal et le bordereau ; `figee_le` : la dernière fois, si tout est figé."""

    etablissement: EtablissementCite
    commission: CommissionCitee
    diplome: str
    epreuves: tuple[EpreuveCitee, ...]
    propositions: tuple[Proposition, ...]
    figee_le: datetime.datetime | None
    empreinte: str

    def par_epreuve(self) -> tuple[tuple[EpreuveCitee, tuple[Proposition, ...]], ...]:
        return tuple(
            (epreuve, tuple(p for p in self.propositions if p.grille.epreuve.code == epreuve.code))
            for epreuve in self.epreuves
        )

    def lignes(self) -> tuple[tuple[CandidatCite, tuple[str, ...]], ...]:
        """Par candidat, le texte de chaque épreuve, dans l'ordre des épreuves."""
        notes = {(p.candidat, p.grille.epreuve.code): p.note for p in self.propositions}
        candidats = tuple(dict.fromkeys(p.candidat for p in self.propositions))
        return tuple(
            (candidat, tuple(notes.get((candidat, epreuve.code), "–") for epreuve in self.epreuves))
            for candidat in candidats
        )

    @property
    def autres_compositions(self) -> tuple[Proposition, ...]:
        """Figées sous une autre composition ou une autre date : leur grille fait foi ; une par candidat."""
        autres = (p for p in self.propositions if p.version and p.grille.commission != self.commission)
        return tuple({p.candidat: p for p in autres}.values())


def releve(lus: Sequence[DossierLu]) -> Releve:
    """La commission citée est celle d'aujourd'hui ; quand tout est figé, celle de la dernière version."""
    lus = sorted(
        lus,
        key=lambda lu: (*rang_alphabetique(lu.grille.candidat), lu.dossier.pk),
    )
    versions = [lu.version for lu in lus if lu.version]
    ouverts = [lu for lu in lus if not lu.version]
    attendus = [lu for lu in ouverts if not lu.grille.ponctuel]
    fini = bool(versions) and not attendus
    figes = [(lu.version.figee_le, lu.dossier.pk, lu) for lu in lus if lu.version]
    dernier = max(figes)[2] if figes else lus[0]
    reference = (dernier if fini else (attendus or ouverts or lus)[0]).grille
    epreuves = {lu.grille.epreuve.code: lu.grille.epreuve for lu in lus}
    return Releve(
        etablissement=reference.etablissement,
        commission=reference.commission,
        diplome=reference.regle.diplome,
        epreuves=tuple(epreuves.values()),
        propositions=tuple(
            Proposition(
                lu.grille,
                lu.version.numero if lu.version else None,
                lu.version.empreinte[:COURTE] if lu.version else "",
            )
            for lu in lus
        ),
        figee_le=max(version.figee_le for version in versions) if fini else None,
        empreinte=empreinte_commune([version.empreinte for version in versions]) if fini else "",
    )


def proces_verbal(lus: Sequence[DossierLu], *, site: str = "", archive: bool = False) -> bytes:
    """`archive` : PDF/A-3, qui porte les données de chaque dossier figé."""
    return _pdf("documents/proces_verbal.html", lus, site, archive=archive)


def bordereau(lus: Sequence[DossierLu], *, site: str = "") -> bytes:
    return _pdf("documents/bordereau.html", lus, site)


def _pdf(gabarit: str, lus: Sequence[DossierLu], site: str, *, archive: bool = False) -> bytes:
    lu = releve(lus)
    contexte = {
        "releve": lu,
        "sceau": _sceau(lus[0].dossier.commission_id, lu, site),
        "logo": tirage.logos({lu.etablissement.uai}).get(lu.etablissement.uai, ""),
    }
    versions = [(un.version, un.grille) for un in lus if un.version] if archive else []
    return documents.pdf_depuis_textes(
        render_to_string(gabarit, contexte),
        [documents.feuille_de_style(chemin) for chemin in STYLES],
        archive=archive,
        jointes=[
            tirage.jointe(version, tirage.nom_des_donnees(version, grille)) for version, grille in versions
        ],
    )


def _sceau(commission: int, lu: Releve, site: str) -> Sceau:
    if lu.figee_le is None or len(lu.epreuves) > 1:  # le jeton vérifie une commission, non une réunion
        return SANS_SCEAU
    return sceau(Verification.objects.get(commission=commission), lu.empreinte, site)


# --- Convocations -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Convocation:
    etablissement: EtablissementCite
    adresse: str
    intitule: str
    session: int
    diplome: str
    convoque: Convoque


def convocations(reunion: str, commissions: Sequence[Commission]) -> tuple[Convocation, ...]:
    """Une par personne, date, heure et lieu, pour toutes les épreuves où elle siège ; `reunion` les nomme."""
    lieu, premiere = commissions[0].etablissement, commissions[0]
    cite = EtablissementCite(lieu.nom, lieu.uai, lieu.ville, lieu.academie)
    diplome = premiere.epreuve.referentiel.intitule
    return tuple(
        Convocation(cite, lieu.adresse, reunion, premiere.session, diplome, un)
        for un in convoques(commissions)
    )


def convocations_pdf(reunion: str, commissions: Sequence[Commission]) -> bytes:
    """Une page par personne, dans un seul document."""
    uai = commissions[0].etablissement.uai
    contexte = {"convocations": convocations(reunion, commissions), "logo": tirage.logos({uai}).get(uai, "")}
    corps = render_to_string("documents/convocations.html", contexte)
    return documents.pdf_depuis_html(corps, styles=STYLES)

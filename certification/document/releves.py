"""Les documents de toute une commission : procès-verbal, bordereau de notes, convocations."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.template.loader import render_to_string

from certification.commission.convoques import Convoque, convoques
from certification.commission.models import Commission, Reunion
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
    MembreCite,
)
from certification.dossier.grille.epreuve import GrilleEpreuve
from certification.dossier.resultats import DossierLu
from certification.dossier.versions import Verification
from livret.models import Eleve
from livret.personnes.alphabet import rang_alphabetique
from trpm.impression import documents


@dataclass(frozen=True)
class Proposition:
    """Un candidat devant une épreuve : ce que la commission propose, ou sa situation.

    `autre_composition` : figée sous d'autres membres, une autre date ou un autre lieu que ceux du document.
    """

    eleve: Eleve
    grille: GrilleEpreuve
    version: int | None
    empreinte: str
    autre_composition: bool

    @property
    def nom(self) -> str:
        return f"{self.candidat}{self.eleve.precision}"

    @property
    def candidat(self) -> CandidatCite:
        return self.grille.candidat

    @property
    def note(self) -> str:
        return self.grille.texte_note


@dataclass(frozen=True)
class Releve:
    """Ce que disent le procès-verbal et le bordereau ; `figee_le` : la dernière fois, si tout est figé.

    D'une réunion, `commission` porte son intitulé, sa date, son lieu et tous ses membres ; `ailleurs`, les
    commissions qui ne se tiennent ni ce jour-là ni en ce lieu, par code d'épreuve.
    """

    etablissement: EtablissementCite
    commission: CommissionCitee
    heure: datetime.time | None
    ailleurs: tuple[tuple[str, CommissionCitee], ...]
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
        notes = {(p.eleve.pk, p.grille.epreuve.code): p.note for p in self.propositions}
        candidats: dict[int, CandidatCite] = {}
        for p in self.propositions:
            candidats.setdefault(p.eleve.pk, p.candidat)
        return tuple(
            (candidat, tuple(notes.get((pk, epreuve.code), "–") for epreuve in self.epreuves))
            for pk, candidat in candidats.items()
        )

    @property
    def autres_compositions(self) -> tuple[Proposition, ...]:
        """Figées sous une autre composition ou une autre date : leur grille fait foi ; une par candidat."""
        return tuple({p.eleve.pk: p for p in self.propositions if p.autre_composition}.values())


def releve(lus: Sequence[DossierLu], reunion: Reunion | None = None) -> Releve:
    """Celui d'une commission, ou de toute une réunion."""
    ordonnes = sorted(lus, key=lambda lu: (*rang_alphabetique(lu.grille.candidat), lu.dossier.pk))
    par_commission: dict[int, list[DossierLu]] = {}
    for lu in sorted(ordonnes, key=lambda lu: lu.dossier.commission.epreuve.ordre):
        par_commission.setdefault(lu.dossier.commission_id, []).append(lu)
    references = {commission: _reference(siens) for commission, siens in par_commission.items()}
    premiere = next(iter(references.values()))
    tenues = [(grille.epreuve.code, grille.commission) for grille in references.values()]
    versions = [lu.version for lu in lus if lu.version]
    citee = _reunie(reunion, tenues) if reunion else premiere.commission
    return Releve(
        etablissement=premiere.etablissement,
        commission=citee,
        heure=reunion.heure if reunion else None,
        ailleurs=tuple(une for une in tenues if (une[1].date, une[1].lieu) != (citee.date, citee.lieu)),
        diplome=premiere.regle.diplome,
        epreuves=tuple({grille.epreuve.code: grille.epreuve for grille in references.values()}.values()),
        propositions=tuple(_proposition(lu, references[lu.dossier.commission_id]) for lu in ordonnes),
        figee_le=max(version.figee_le for version in versions) if _fini(lus) else None,
        empreinte=empreinte_commune([version.empreinte for version in versions]) if _fini(lus) else "",
    )


def _attendus(lus: Sequence[DossierLu]) -> list[DossierLu]:
    return [lu for lu in lus if not lu.version and not lu.grille.ponctuel]


def _fini(lus: Sequence[DossierLu]) -> bool:
    return any(lu.version for lu in lus) and not _attendus(lus)


def _reference(lus: Sequence[DossierLu]) -> GrilleEpreuve:
    """Où se lit la commission : celle d'aujourd'hui ; quand tout est figé, celle de la dernière version."""
    if _fini(lus):
        return max((lu.version.figee_le, lu.dossier.pk, lu) for lu in lus if lu.version)[2].grille
    return (_attendus(lus) or [lu for lu in lus if not lu.version] or lus)[0].grille


def _reunie(reunion: Reunion, tenues: Sequence[tuple[str, CommissionCitee]]) -> CommissionCitee:
    """La réunion, citée comme une commission : ses membres une fois chacun, avec leurs épreuves s'ils ne
    siègent pas, ou n'étaient pas là, pour toutes."""
    sieges: dict[MembreCite, list[str]] = {}
    for code, commission in tenues:
        for membre in commission.membres:
            sieges.setdefault(membre, []).append(code)
    membres = (
        membre
        if len(codes) == len(tenues)
        else replace(membre, qualite_libelle=f"{membre.qualite_libelle} ({', '.join(codes)})")
        for membre, codes in sieges.items()
    )
    return CommissionCitee(reunion.intitule, reunion.session, reunion.date, reunion.lieu, tuple(membres))


def _proposition(lu: DossierLu, reference: GrilleEpreuve) -> Proposition:
    if lu.version is None:
        return Proposition(lu.dossier.eleve, lu.grille, None, "", autre_composition=False)
    autre = lu.grille.commission != reference.commission
    empreinte = lu.version.empreinte[:COURTE]
    return Proposition(lu.dossier.eleve, lu.grille, lu.version.numero, empreinte, autre)


def proces_verbal(
    lus: Sequence[DossierLu], *, reunion: Reunion | None = None, site: str = "", archive: bool = False
) -> bytes:
    """`archive` : PDF/A-3, qui porte les données de chaque dossier figé."""
    return _pdf("documents/proces_verbal.html", lus, reunion, site, archive=archive)


def bordereau(lus: Sequence[DossierLu], *, reunion: Reunion | None = None, site: str = "") -> bytes:
    return _pdf("documents/bordereau.html", lus, reunion, site)


def _pdf(
    gabarit: str, lus: Sequence[DossierLu], reunion: Reunion | None, site: str, *, archive: bool = False
) -> bytes:
    lu = releve(lus, reunion)
    contexte = {
        "releve": lu,
        "reunion": reunion,
        "sceau": sceau_du_releve(lu, reunion or lus[0].dossier.commission, site),
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


def sceau_du_releve(lu: Releve, de: Commission | Reunion, site: str) -> Sceau:
    """Rien, tant que tout n'est pas figé. Une réunion reçoit son jeton quand elle s'imprime."""
    if lu.figee_le is None:
        return SANS_SCEAU
    if isinstance(de, Reunion):
        return sceau(Verification.objects.get_or_create(reunion=de)[0], lu.empreinte, site)
    return sceau(Verification.objects.get(commission=de), lu.empreinte, site)


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

"""Des suites d’actes tirées au sort : après chacun, tout ce qui sort du dossier dit la même note, la bonne.

La note attendue se refait à part, d’après la base seule : ce que chaque décision voyait, et ce qui se lit
maintenant. Une suite se rejoue par sa graine, que l’échec imprime avec les actes.
"""

import json
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from io import StringIO
from random import Random

import pytest
from django.core.management import call_command
from django.db import connection

from certification.dossier.forms import NOTE, OBSERVATIONS
from certification.dossier.resultats import DossierLu
from certification.models import Decision, Dossier
from livret.models import Eleve, Evaluation, Situation
from tests import factories
from tests.certification.dossier.sorties import A_LIRE, dites, observations
from tests.certification.scene import adresse, lu
from tests.litanie import connecte
from tests.monde import Monde

GRAINES = range(4, 6) if connection.vendor == "postgresql" else range(4)
"""Chaque base a ses suites."""
ACTES_PAR_SUITE = 20
POIDS = {"C1": 3, "C2": 1}
SITUATIONS = {
    "absent_justifie": "absent justifié",
    "dispense": "dispensé",
    "note_conservee": "12,5 / 20, conservée (session 2025)",
    "bloc_acquis": "bloc acquis (VAE)",
}
PONCTUEL = "épreuve ponctuelle (pratique, 4 h)"
Preuves = dict[str, tuple[tuple[int, int], ...]]


class Suite:
    """Un dossier, ses actes, et le compte tenu à part de ce que chaque décision voyait."""

    def __init__(self, monde: Monde, graine: int, referentiel: str) -> None:
        self.monde, self.hasard, self.referentiel = monde, Random(graine), referentiel
        self.dossier = monde.a.dossiers[0]
        self.client = connecte(monde.a.president)
        self.membre = connecte(monde.a.membre)
        self.journal: list[str] = []
        self.vus: Preuves = {}
        self.vu_note: tuple | None = None
        self.vu_observations: object = None
        self.fige = ""

    # --- ce qui se lit dans la base ---

    def preuves(self) -> Preuves:
        session = self.dossier.eleve.promotion.session
        trouvees: Preuves = {}
        for code in POIDS:
            evaluations = Evaluation.objects.filter(
                eleve=self.dossier.eleve_id, competence__code=code, niveau__isnull=False
            ).select_related("situation", "niveau")
            trouvees[code] = tuple(
                sorted(
                    (e.situation_id, e.niveau.valeur) for e in evaluations if e.situation.est_retenue(session)
                )
            )
        return trouvees

    def arretes(self) -> dict[str, int | None]:
        """Les niveaux arrêtés qui valent encore ; `None` pour « non démontrée »."""
        preuves = self.preuves()
        return {
            decision.competence.code: decision.niveau.valeur if decision.niveau else None
            for decision in Decision.objects.filter(dossier=self.dossier).select_related(
                "niveau", "competence"
            )
            if self.vus[decision.competence.code] == preuves[decision.competence.code]
        }

    def niveaux(self) -> dict[str, int | None]:
        arretes, preuves = self.arretes(), self.preuves()
        return {
            code: (arretes[code] or 0)
            if code in arretes
            else max((valeur for _, valeur in preuves[code]), default=None)
            for code in POIDS
        }

    def calculee(self) -> Decimal | None:
        niveaux = self.niveaux()
        if None in niveaux.values():
            return None
        brute = Fraction(
            20 * sum(POIDS[code] * (niveaux[code] or 0) for code in POIDS), 3 * sum(POIDS.values())
        )
        return Decimal(-(-2 * brute.numerator // brute.denominator)) / 2

    def attendu(self) -> str:
        dossier = Dossier.objects.select_related("eleve__statut").get(pk=self.dossier.pk)
        if self.fige:
            return self.fige
        if dossier.situation != "a_evaluer":
            return SITUATIONS[dossier.situation]
        if dossier.eleve.statut.code == "hors-contrat":
            return PONCTUEL
        if dossier.note_proposee is None:
            return "non arrêtée"
        return f"{float(dossier.note_proposee):g}" if self.vu_note == self.ce_qui_se_voit() else "à confirmer"

    def ce_qui_se_voit(self) -> tuple:
        return (self.niveaux(), self.arretes())

    def ce_que_voit_qui_observe(self) -> object:
        """À quel titre le candidat est là ; s'il est à évaluer, ses niveaux, arrêtés ou encore proposés."""
        dossier = Dossier.objects.select_related("eleve__statut").get(pk=self.dossier.pk)
        if dossier.situation != "a_evaluer":
            return SITUATIONS[dossier.situation]
        return PONCTUEL if dossier.eleve.statut.code == "hors-contrat" else self.niveaux()

    def observations_attendues(self) -> bool:
        ecrites = Dossier.objects.get(pk=self.dossier.pk).observations != ""
        return ecrites and self.vu_observations == self.ce_que_voit_qui_observe()

    # --- les actes du livret ---

    def evaluer(self) -> None:
        situation = self.hasard.choice(Situation.objects.filter(classe=self.monde.a.classe).order_by("pk"))
        code, valeur = self.hasard.choice([*POIDS]), self.hasard.randrange(4)
        Evaluation.objects.update_or_create(
            situation=situation,
            eleve=self.dossier.eleve,
            competence=self.monde.referentiel.competences.get(code=code),
            defaults={
                "niveau": factories.niveau(self.monde.referentiel, valeur),
                "mention": "",
                "auteur": self.monde.a.enseignant,
            },
        )

    def effacer(self) -> None:
        siennes = Evaluation.objects.filter(eleve=self.dossier.eleve_id).order_by("pk")
        if siennes:
            self.hasard.choice(siennes).delete()

    def situer(self) -> None:
        nature = self.hasard.choice(["certificative", "formative"])
        factories.situation(self.monde.a.classe, self.monde.a.enseignant, nature=nature)

    def retenir(self) -> None:
        situation = self.hasard.choice(Situation.objects.filter(classe=self.monde.a.classe).order_by("pk"))
        decision = self.hasard.choice([True, False, None])
        situation.retenir(decision, "" if decision is None else "Décidé en équipe.")

    def changer_de_statut(self) -> None:
        code = self.hasard.choice(["scolaire", "scolaire", "hors-contrat"])
        statut = self.monde.referentiel.statuts.get(code=code)
        Eleve.objects.filter(pk=self.dossier.eleve_id).update(statut=statut)

    # --- les actes de la commission ---

    def poster(self, nom: str, *args: object, client=None, **donnees: object) -> bool:
        """Vrai si l’acte est passé ; sinon la page l’a refusé, avec sa raison."""
        reponse = (client or self.membre).post(adresse(nom, self.dossier.pk, *args), donnees)
        assert reponse.status_code in (302, 409, 422), reponse.status_code
        return reponse.status_code == 302

    def decider(self) -> None:
        code, niveau = self.hasard.choice([*POIDS]), self.hasard.choice(["0", "1", "2", "3", "ND", ""])
        motif = self.hasard.choice(["", "Vu en mai."])
        jeton, avant = lu(self.dossier).grille.ligne(code).jeton, self.preuves()[code]
        if self.poster("decision", code, niveau=niveau, motif=motif, lu=jeton) and niveau:
            self.vus[code] = avant

    def refaire(self) -> None:
        """Arrête au niveau proposé tout ce qui est à confirmer, puis propose la note calculée."""
        for ligne in lu(self.dossier).grille.lignes:
            if ligne.a_confirmer:
                niveau, avant = (
                    "ND" if ligne.propose is None else str(ligne.propose),
                    self.preuves()[ligne.code],
                )
                if self.poster("decision", ligne.code, niveau=niveau, motif="Revu.", lu=ligne.jeton):
                    self.vus[ligne.code] = avant
        self.accepter()
        self.proposer()

    def accepter(self) -> None:
        grille, preuves = lu(self.dossier).grille, self.preuves()
        if self.poster("acceptation", lu=grille.jeton_propositions):
            self.vus |= {code: preuves[code] for code in grille.proposees}

    def proposer(self) -> None:
        ecart = self.hasard.choice([0, 0, 0.5, -1])
        note, vu = float(self.calculee() or 10) + ecart, self.ce_qui_se_voit()
        jeton, motif = lu(self.dossier).grille.jeton_note, self.hasard.choice(["", "Progrès constants."])
        donnees = {"note_proposee": f"{note:g}".replace(".", ","), "motif_ecart": motif, "lu": jeton}
        if self.poster("proposition", **donnees):
            self.vu_note = vu

    def confirmer(self) -> None:
        quoi = self.hasard.choice(["C1", "C2", NOTE, NOTE, OBSERVATIONS])
        grille = lu(self.dossier).grille
        autres = {NOTE: grille.jeton_note, OBSERVATIONS: grille.jeton_observations}
        jeton = autres.get(quoi) or grille.ligne(quoi).jeton
        avant, vu, observe = self.preuves(), self.ce_qui_se_voit(), self.ce_que_voit_qui_observe()
        if self.poster("confirmer", quoi, lu=jeton):
            if quoi == NOTE:
                self.vu_note = vu
            elif quoi == OBSERVATIONS:
                self.vu_observations = observe
            else:
                self.vus[quoi] = avant[quoi]

    def situer_le_candidat(self) -> None:
        situation = self.hasard.choice(["a_evaluer", "a_evaluer", "a_evaluer", *SITUATIONS])
        donnees = {"situation": situation, "lu": lu(self.dossier).grille.jeton_situation}
        if situation == "note_conservee":
            donnees |= {"note_conservee": "12,5", "session_conservee": "2025"}
        self.poster("situation-candidat", **donnees)

    def observer(self) -> None:
        texte, vu = self.hasard.choice(["", "Dossier soigné."]), self.ce_que_voit_qui_observe()
        jeton = lu(self.dossier).grille.jeton_observations
        if self.poster("observations", observations=texte, lu=jeton):
            self.vu_observations = vu

    def figer(self) -> None:
        attendu = self.attendu()
        if self.poster("figer", client=self.client, sans_presences="on") and not self.fige:
            assert attendu not in ("non arrêtée", "à confirmer", PONCTUEL)
            self.fige = attendu

    def rouvrir(self) -> None:
        if self.poster("rouvrir", client=self.client, motif="Une preuve de plus."):
            self.fige = ""

    # --- la suite ---

    def jouer(self) -> None:
        for acte in (self.accepter, self.proposer):
            self.faire(acte)
        for _ in range(ACTES_PAR_SUITE):
            self.faire(self.hasard.choice(self.utiles() if self.hasard.random() < 0.6 else self.actes()))

    def actes(self) -> list[Callable[[], None]]:
        livret = [self.evaluer, self.effacer, self.situer, self.retenir, self.changer_de_statut]
        decisions = [self.decider, self.accepter, self.proposer, self.confirmer, self.observer]
        return [*livret, *decisions, self.situer_le_candidat, self.figer, self.rouvrir]

    def utiles(self) -> list[Callable[[], None]]:
        """Ceux qui font sortir de l’état où l’on est : une suite ne s’y enlise pas."""
        attendu = self.attendu()
        if self.fige:
            return [self.rouvrir]
        if attendu == PONCTUEL:
            return [self.changer_de_statut]
        if attendu in SITUATIONS.values():
            return [self.figer, self.situer_le_candidat, self.situer_le_candidat]
        if attendu == "à confirmer":
            return [self.refaire, self.refaire, self.confirmer, self.decider]
        if attendu == "non arrêtée":
            return [self.evaluer, self.decider, self.accepter, self.proposer, self.proposer]
        return [self.evaluer, self.effacer, self.retenir, self.decider, self.figer]

    def faire(self, acte: Callable[[], None]) -> None:
        self.journal.append(acte.__name__)
        acte()
        self.verifier()

    def verifier(self) -> None:
        vu, attendu = lu(self.dossier), self.attendu()
        self.journal[-1] += f" → {attendu}"
        csv = vu.etat if attendu == "non arrêtée" else attendu
        attendus = dict.fromkeys(A_LIRE, attendu) | {nom: csv for nom in A_LIRE if nom in ("csv", "cyclades")}
        assert dites(vu, self.client) == attendus, self.journal
        assert (vu.grille.note_proposee is None) is not attendu.replace(".", "").isdigit(), self.journal
        if not self.fige:
            self.verifier_les_decisions(vu)
        if not self.fige and vu.grille.a_evaluer:
            assert (vu.grille.calculee, self.en_ligne_de_commande(vu)) == (self.calculee(),) * 2, self.journal

    def verifier_les_decisions(self, vu: DossierLu) -> None:
        """Niveaux arrêtés, « non démontrée » et observations ne sortent que vus tels qu'ils sont."""
        arretes = {li.code: li.niveau_arrete for li in vu.grille.lignes if li.arretee}
        assert arretes == self.arretes(), self.journal
        attendues = self.observations_attendues()
        assert observations(vu) == dict.fromkeys(("grille", "procès-verbal"), attendues), self.journal

    def en_ligne_de_commande(self, vu: DossierLu) -> Decimal | None:
        niveaux = [f"{code}={valeur}" for code, valeur in self.niveaux().items() if valeur is not None]
        sortie = StringIO()
        option, epreuve = vu.grille.candidat.option, vu.grille.epreuve.code
        call_command("note", self.referentiel, option, epreuve, *niveaux, "--json", stdout=sortie)
        calculee = json.loads(sortie.getvalue())["calculee"]
        return None if calculee is None else Decimal(calculee)


@pytest.fixture
def referentiel(monde, tmp_path) -> str:
    chemin, diplome = tmp_path / "referentiel.json", monde.referentiel
    with chemin.open("w", encoding="utf-8") as sortie:
        call_command("exporter_referentiel", diplome.code, diplome.version, stdout=sortie)
    return str(chemin)


@pytest.mark.parametrize("graine", GRAINES)
def test_toute_suite_d_actes_dit_partout_la_meme_note(monde, referentiel, graine):
    suite = Suite(monde, graine, referentiel)
    print(f"graine {graine}")
    try:
        suite.jouer()
    finally:
        print(*suite.journal, sep="\n")

"""Dix ans d’un petit établissement, au sort ; une relecture des actes dit les mêmes meilleurs niveaux."""

import datetime
import random
from copy import deepcopy
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone

from livret.models import Classe, Eleve, PassageDAnnee, Scolarite, Situation, Utilisateur
from livret.rentree.acte import faire
from livret.rentree.plan import ChoixDeRentree, plan_de
from livret.rentree.retour import annuler
from livret.saisie.case import Case
from livret.saisie.enregistrement import enregistrer
from livret.saisie.jugement import Geste
from livret.situation.colonnes import COMPETENCE, DETAILLEE
from livret.synthese.livrets import livrets
from livret.transfert.arrivee import accueillir, apercu_d_accueil, deposer
from livret.transfert.depart import archive_de_depart
from livret.transfert.fusion import apercu_de_fusion, fondre
from livret.transfert.reprise import ChoixDAccueil
from referentiel.models import Competence, Detaillee, Referentiel
from tests import factories, relecture
from tests.conftest import GARDES
from tests.litanie import connecte
from tests.livret.administration.test_import_eleves import Import
from tests.livret.administration.test_parcours_eleve import changer
from tests.relecture import Relecture, clos
from tests.tirage_blanc import sans_mise_en_page
from trpm.base import declencheurs
from trpm.base.signature import empreinte_de_la_cle
from trpm.conservation.effacement import appliquer_durees
from trpm.permissions import Role
from trpm.sauvegarde import coffre
from trpm.sauvegarde.lignes import charger
from trpm.sauvegarde.prendre import sauvegarder

DEBUT, ANS, ACTES = 2015, 10, 5
NIVEAUX = ("2de", "1re", "Tle")
CODES = ("C1", "C2", "C3", "C4", "C5", "C1.1")
ISSUES = {"monte": 7, "redouble": 2, "part": 1, "attend": 1}


class Ecole:
    """Deux lycées, deux diplômes : « 2de ESSAI », « 1re ESSAI »… Chaque acte est fait, puis relu."""

    def __init__(self, graine: int, dossier: Path) -> None:
        self.sort, self.dossier = random.Random(graine), dossier
        self.actes: list[str] = []
        self.annee, self.nes = DEBUT, 0
        self.relu = Relecture()
        self.sauvee: tuple[Path, Relecture] | None = None
        self.lieux = {nom: factories.etablissement(f"Lycée {nom}") for nom in ("A", "B")}
        self.admins = {
            n: factories.utilisateur(Role.ADMINISTRATEUR, etablissement=un) for n, un in self.lieux.items()
        }
        self.profs = {
            n: factories.utilisateur(Role.ENSEIGNANT, etablissement=un) for n, un in self.lieux.items()
        }
        for code in ("ESSAI", "AUTRE"):
            diplome = factories.referentiel(code)
            for lieu in self.lieux:
                self._ouvrir(lieu, diplome)

    def _ouvrir(self, lieu: str, diplome: Referentiel) -> None:
        for rang, niveau in enumerate(NIVEAUX):
            session = DEBUT + 3 - rang
            promotion = factories.promotion(
                self.lieux[lieu], diplome, session=session, nom=f"{diplome.code} {session}"
            )
            factories.classe(promotion, [self.profs[lieu]], niveau=niveau, nom=f"{niveau} {diplome.code}")

    # --- Tirer ---

    def jour(self) -> datetime.date:
        return datetime.date(self.annee, 9, 1) + datetime.timedelta(days=self.sort.randrange(300))

    def classe(self, lieu: str = "", diplome: str = "", niveau: str = "") -> relecture.Classe:
        lieu = lieu or self.sort.choice("AAB")
        diplome = diplome or self.sort.choice(("ESSAI", "AUTRE"))
        return lieu, self.annee, f"{niveau or self.sort.choice(NIVEAUX)} {diplome}"

    def en_base(self, classe: relecture.Classe) -> Classe:
        lieu, annee, nom = classe
        return Classe.objects.select_related("promotion__referentiel", "annee").get(
            etablissement=self.lieux[lieu], annee__debut=annee, nom=nom
        )

    def un(self, *, parti: bool = False, ine: bool = False) -> int | None:
        """Un élève présent cette année, ou parti."""
        tous = [
            pk
            for pk, une in self.relu.fiches.items()
            if (une.ine or not ine) and (not une.actif if parti else self.ici(pk) is not None)
        ]
        return self.sort.choice(tous) if tous else None

    def ici(self, pk: int) -> relecture.Classe | None:
        une = self.relu.fiches[pk]
        siennes = [
            classe for classe, sortie in une.classes.items() if sortie is None and classe[1] == self.annee
        ]
        return siennes[0] if une.actif and siennes else None

    def dire(self, acte: str) -> None:
        self.actes.append(f"{self.annee} {acte}")

    # --- Les actes ---

    def importer(
        self, classe: relecture.Classe, *connus: int, nouveaux: int = 0, sans_ine: bool = False
    ) -> list[int]:
        """Les élèves créés ; ceux que l’on connaît reviennent, ou changent de classe."""
        self.dire(f"import en {classe} : {nouveaux} nouveaux, {connus}")
        lignes = [ligne_de(Eleve.objects.get(pk=pk)) for pk in connus]
        for _ in range(nouveaux):
            self.nes += 1
            ne = datetime.date(self.annee - 15, 1, 1) + datetime.timedelta(days=self.nes)
            ine = "" if sans_ine else f"{self.nes:09d}AB"
            lignes.append([self._nom(), self._nom(), ne.strftime("%d/%m/%Y"), ine])
        avant = set(Eleve.objects.values_list("pk", flat=True))
        page = Import(connecte(self.admins[classe[0]]), self.en_base(classe))
        page.lignes(*([*ligne, "", "", "", ""] for ligne in lignes))
        assert not {"ambigus", "fautes", "avertissements"} & page.effets.keys(), page.effets
        page.confirmer()
        crees = Eleve.objects.exclude(pk__in=avant)
        assert len(crees) == nouveaux
        diplome = classe[2].split()[1]
        for un in crees:
            self.relu.fiches[un.pk] = relecture.Fiche(classe[0], diplome, ine=un.ine or "")
        for pk in (*connus, *(un.pk for un in crees)):
            self.relu.inscrire(pk, classe, diplome, clos(self.annee))
        return [un.pk for un in crees]

    def _nom(self) -> str:
        return "".join(self.sort.choices("ABDEFGILMNOPRSTUV", k=10))

    def revenir(self) -> None:
        if (pk := self.un(parti=True, ine=True)) is not None:
            fiche = self.relu.fiches[pk]
            self.importer(self.classe(fiche.lieu, fiche.diplome), pk)

    def evaluer(self, classe: relecture.Classe | None = None) -> None:
        """Une situation, ses niveaux, une correction, un effacement, un geste qui arrive trop tard."""
        classe = classe or self.classe()
        presents = self.relu.presents(classe)
        if not presents:
            return
        prof, debut = self.profs[classe[0]], self.jour()
        situation = factories.situation(
            self.en_base(classe),
            prof,
            ["C1", "C2", "C3", "C4", "C5"],
            ["C1.1"],
            debut=debut,
            fin=debut,
            nature=self.sort.choice(("formative", "certificative")),
        )
        self.relu.situations[situation.pk] = relecture.Situation(classe, classe[2].split()[1])
        for _ in range(2):
            self._noter(situation, prof, presents)
        if self.sort.random() < 0.5:
            situation.passer("publiee", midi(debut))
        if situation.etat == "publiee" and self.sort.random() < 0.5:
            situation.passer("close", midi(debut))
            case = self._case(situation, presents[0], "C1")
            vu = self.relu.fiches[presents[0]].notes.get((situation.pk, "C1"), "")
            assert enregistrer(situation, [Geste(case, "0" if vu == "3" else "3", vu)], prof).refus

    def _noter(self, situation: Situation, prof: Utilisateur, presents: list[int]) -> None:
        gestes = []
        for pk in presents:
            for code in self.sort.sample(CODES, 3):
                vu = self.relu.fiches[pk].notes.get((situation.pk, code), "")
                texte = self.sort.choice(("0", "1", "2", "3", "ABS", ""))
                en_retard = texte != vu and self.sort.random() < 0.1
                faux = "ABS" if vu != "ABS" else "1"
                geste = Geste(self._case(situation, pk, code), texte, faux if en_retard else vu)
                gestes.append((geste, pk, code, en_retard))
        rendu = enregistrer(situation, [un for un, *_ in gestes], prof)
        assert (len(rendu.refus), len(rendu.conflits)) == (0, sum(un[-1] for un in gestes))
        for geste, pk, code, en_retard in gestes:
            if not en_retard:
                self.relu.noter(situation.pk, pk, code, geste.texte)
        dites = [f"{pk}:{code}={geste.texte}{' (retard)' * tard}" for geste, pk, code, tard in gestes]
        self.dire(f"situation {situation.pk} : {' '.join(dites)}")

    def _case(self, situation: Situation, pk: int, code: str) -> Case:
        diplome = situation.classe.promotion.referentiel
        if "." in code:
            return Case(DETAILLEE, Detaillee.objects.get(competence__referentiel=diplome, code=code).pk, pk)
        return Case(COMPETENCE, Competence.objects.get(referentiel=diplome, code=code).pk, pk)

    def parcourir(self) -> None:
        """Noté dans sa classe, il passe dans une autre, parfois d’un autre diplôme."""
        if (pk := self.un()) is None:
            return
        self.evaluer(self.ici(pk))
        classe, jour = self.classe(self.relu.fiches[pk].lieu), self.jour()
        self.dire(f"{pk} passe en {classe}")
        self._page(pk, classe=self.en_base(classe).pk, jour=jour.isoformat())
        self.relu.inscrire(pk, classe, classe[2].split()[1], jour)

    def opter(self) -> None:
        if (pk := self.un()) is None:
            return
        fiche = self.relu.fiches[pk]
        fiche.option = self.sort.choice(("USI", "OUT"))
        self.dire(f"{pk} prend l’option {fiche.option}")
        options = Referentiel.objects.get(code=fiche.diplome).options
        self._page(pk, option=options.get(code=fiche.option).pk)

    def partir(self) -> None:
        if (pk := self.un()) is not None:
            jour = self.jour()
            self.dire(f"{pk} part le {jour}")
            self._page(pk, etablissement="part", jour=jour.isoformat())
            self.relu.partir(pk, jour)

    def _page(self, pk: int, **champs: object) -> None:
        reponse = changer(self.admins[self.relu.fiches[pk].lieu], Eleve.objects.get(pk=pk), **champs)
        assert reponse.redirect_chain, reponse.context["form"].errors

    def fondre(self) -> None:
        """Une seconde fiche du même élève, notée à part ou avec lui, puis fondue."""
        pk = self.un(parti=self.sort.random() < 0.4, ine=True)
        if pk is None:
            return
        fiche = self.relu.fiches[pk]
        classe = self.ici(pk) or self.classe(fiche.lieu, fiche.diplome)
        (double,) = self.importer(classe, nouveaux=1, sans_ine=True)
        self.evaluer(classe)
        garde, otee = (pk, double) if self.sort.random() < 0.7 else (double, pk)
        if (self.relu.fiches[garde].diplome, fiche.lieu) != (self.relu.fiches[otee].diplome, fiche.lieu):
            return
        croisees = self.relu.se_croisent(garde, otee)
        self.dire(f"fusion de {otee} dans {garde}{', refusée' * croisees}")
        fiches = [Eleve.objects.get(pk=un) for un in (garde, otee)]
        lu = apercu_de_fusion(*fiches).empreinte
        if croisees:
            with pytest.raises(ValidationError, match="au même endroit"):
                fondre(*fiches, lu)
        else:
            fondre(*fiches, lu)
            self.relu.fondre(garde, otee)

    def transferer(self) -> None:
        """Il part dans l’autre lycée avec son archive ; sa fiche d’ici reste."""
        if (pk := self.un(ine=True)) is None:
            return
        origine, jour = self.relu.fiches[pk], self.jour()
        la = "B" if origine.lieu == "A" else "A"
        connue = next(
            (k for k, une in self.relu.fiches.items() if (une.lieu, une.ine) == (la, origine.ine)), None
        )
        if connue and self.relu.fiches[connue].diplome != origine.diplome:
            return
        classe = self.classe(la, origine.diplome)
        self.dire(f"transfert de {pk} en {classe}, fiche {connue}")
        with sans_mise_en_page():
            octets = archive_de_depart(Eleve.objects.get(pk=pk), self.admins[origine.lieu])
        self._page(pk, etablissement="part", jour=jour.isoformat())
        self.relu.partir(pk, jour)
        par, choix = self.admins[la], ChoixDAccueil(self.en_base(classe))
        depose = deposer(octets, empreinte_de_la_cle(), choix.classe.etablissement, par, midi(jour))
        lu = apercu_d_accueil(depose, choix, par, midi(jour))
        recu = accueillir(depose, choix, par, midi(jour), lu.empreinte)
        if connue is None:
            self.relu.fiches[recu.eleve.pk] = relecture.Fiche(la, origine.diplome, ine=origine.ine)
        assert recu.eleve.pk in (connue, *self.relu.fiches)
        self.relu.recevoir(recu.eleve.pk, origine, self.lieux[origine.lieu].uai, jour)
        self.relu.inscrire(recu.eleve.pk, classe, origine.diplome, jour)

    def sauver(self) -> None:
        self.dire("sauvegarde")
        chemin = sauvegarder(self.dossier / f"{len(self.actes)}.sauvegarde")
        self.sauvee = chemin, deepcopy(self.relu)

    def restaurer(self) -> None:
        if self.sauvee is None:
            return
        self.dire("restauration")
        chemin, self.relu = self.sauvee
        self.sauvee, lieu = None, self.dossier / chemin.stem
        coffre.ouvrir(chemin, "", lieu)
        declencheurs.lever(connection, GARDES)
        (lieu / "base" / "migrations.json").unlink()
        charger(apps, connection, lieu / "base")
        declencheurs.poser(connection, GARDES)

    # --- Une année ---

    def vivre(self) -> None:
        niveaux = NIVEAUX if self.annee == DEBUT else NIVEAUX[:1]
        for lieu, diplome in (("A", "ESSAI"), ("A", "AUTRE"), ("B", "ESSAI")):
            for niveau in niveaux:
                self.importer(self.classe(lieu, diplome, niveau), nouveaux=2)
        actes = [self.evaluer] * 4 + [self.parcourir, self.opter, self.partir, self.revenir, self.fondre]
        actes += [self.transferer] * 2
        choisis = self.sort.choices(actes, k=ACTES)
        if self.annee % 3 == 0:
            choisis = [*choisis[:2], self.sauver, *choisis[2:5], self.restaurer, *choisis[5:]]
        for acte in choisis:
            acte()
        for lieu in self.lieux:
            self.rentree(lieu)
        self.annee += 1
        jour = datetime.datetime(self.annee, 8, 10, 3, tzinfo=ZoneInfo("Europe/Paris"))
        partis = self.relu.effacer(jour.date())
        self.dire(f"effacement de {partis}")
        assert appliquer_durees(jour)["élèves effacés"] == len(partis)
        self.verifier()

    def rentree(self, lieu: str) -> None:
        """Passée, parfois annulée puis refaite ; qui est dans deux classes monte dans les deux."""
        passage = self._passer(lieu, avant := deepcopy(self.relu))
        if self.sort.random() < 0.3:
            self.dire(f"rentrée annulée en {lieu}")
            annuler(passage, self.admins[lieu], timezone.now())
            self.relu = avant
            self._passer(lieu, self.relu)

    def _passer(self, lieu: str, avant: Relecture) -> PassageDAnnee:
        classes = [self.classe(lieu, diplome, un) for diplome in ("ESSAI", "AUTRE") for un in NIVEAUX]
        places = {classe: avant.presents(classe) for classe in classes}
        toutes = [pk for presents in places.values() for pk in presents]
        tirees = {pk: self.sort.choices(list(ISSUES), [*ISSUES.values()])[0] for pk in toutes}
        issues = {pk: issue if toutes.count(pk) == 1 else "monte" for pk, issue in tirees.items()}
        self.dire(f"rentrée en {lieu} : {issues}")
        plan = plan_de(self.lieux[lieu], self.annee, ChoixDeRentree(issues=issues))
        passage = faire(plan, plan.empreinte, self.admins[lieu], timezone.now())
        for (_, annee, nom), presents in places.items():
            niveau, diplome = nom.split()
            for pk in presents:
                if issues[pk] == "part":
                    self.relu.fiches[pk].actif = False
                elif issues[pk] == "redouble":
                    self.relu.fiches[pk].classes[lieu, annee + 1, nom] = None
                elif issues[pk] == "monte" and niveau != "Tle":
                    suivant = NIVEAUX[NIVEAUX.index(niveau) + 1]
                    self.relu.fiches[pk].classes[lieu, annee + 1, f"{suivant} {diplome}"] = None
        ouvertes = Classe.objects.filter(etablissement=self.lieux[lieu], annee__debut=self.annee + 1)
        assert sorted(ouvertes.values_list("nom", flat=True)) == sorted(nom for _, _, nom in classes)
        return passage

    def verifier(self) -> None:
        """Ceux qui restent, où chacun a passé, et ses meilleurs niveaux."""
        noms = {un.pk: nom for nom, un in self.lieux.items()}
        classes: dict[int, dict[relecture.Classe, datetime.date | None]] = {}
        for une in Scolarite.objects.select_related("classe__annee"):
            classe = (noms[une.classe.etablissement_id], une.classe.annee.debut, une.classe.nom)
            classes.setdefault(une.eleve_id, {})[classe] = une.sortie
        vivants = Eleve.objects.select_related("promotion__referentiel", "promotion__grille", "option")
        obtenus = {
            un.eleve.pk: (
                un.eleve.actif,
                classes[un.eleve.pk],
                {ligne.code: ligne.degre.code for ligne in un.lignes if ligne.degre},
            )
            for un in livrets(vivants)
        }
        attendus = {
            pk: (une.actif, une.classes, self.relu.meilleurs(pk)) for pk, une in self.relu.fiches.items()
        }
        assert obtenus == attendus


def ligne_de(eleve: Eleve) -> list[str]:
    return [eleve.nom, eleve.prenom, eleve.naissance.strftime("%d/%m/%Y"), eleve.ine]


def midi(jour: datetime.date) -> datetime.datetime:
    return datetime.datetime.combine(jour, datetime.time(12), ZoneInfo("Europe/Paris"))


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("graine", [1, 2])
def test_dix_ans_et_les_meilleurs_niveaux_sont_ceux_des_actes(graine, tmp_path, settings) -> None:
    settings.MIGRATION_MODULES = {}  # les tests s’en passent ; une sauvegarde dit où elles en sont
    settings.MEDIA_ROOT = tmp_path / "media"
    ecole = Ecole(graine, tmp_path)
    try:
        for _ in range(ANS):
            ecole.vivre()
    except BaseException as faute:
        faute.add_note("\n".join(ecole.actes))
        raise
    assert len(ecole.relu.fiches) > 20

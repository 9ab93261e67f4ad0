"""Importer, épingler, noter, déplacer, changer de diplôme, dans n’importe quel ordre : ce qui est figé ne
bouge pas d’un octet. Une suite se rejoue par sa graine, que l’échec imprime avec les actes."""

import json
from collections.abc import Callable
from random import Random

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from certification.dossier.figement import figer
from certification.epinglage.apercu import apercu as apercu_de_grille
from certification.epinglage.passage import mettre_en_service
from certification.lot.archive import archive_remise
from certification.models import Dossier, VersionFigee
from certification.seance.place import deplacer
from livret.administration.changement import apercu, changer
from livret.bilan.models import Bilan
from livret.models import ChangementDePromotion, Classe, Eleve, Promotion
from referentiel.fichier.contenu import ContenuReferentiel
from referentiel.models import Referentiel, Statut
from tests import factories
from tests.deux_diplomes import DeuxDiplomes, deux_diplomes, importe
from trpm.permissions import Role

ACTES_PAR_SUITE = 14


class SuiteDeChangements:
    """Lou, dont un dossier et un bilan de seconde sont figés."""

    def __init__(self, graine: int) -> None:
        self.hasard, self.journal = Random(graine), []
        self.lieu: DeuxDiplomes = deux_diplomes()
        self.lieu.en_seconde(C1=1, P2=0)
        self.bilan = factories.bilan(self.lieu.lou, self.lieu.de_seconde, "valide", semestre=2)
        self.president = factories.utilisateur(Role.PRESIDENT, Role.MEMBRE, etablissement=self.lieu.lycee)
        self.commission = factories.commission(self.lieu.seconde.promotion, "R1", [self.president])
        self.autre = factories.commission(self.lieu.seconde.promotion, "R1")
        self.dossier = factories.dossier(self.commission, self.lieu.lou, mode="ccf")
        for code, valeur in (("C1", 1), ("P2", 0)):
            factories.decision(self.dossier, code, self.president, valeur)
        factories.note(self.dossier, "10")
        figer(self.dossier, self.president)
        self.fige = self.etat()

    def etat(self) -> tuple[object, ...]:
        return (
            [version.contenu for version in VersionFigee.objects.all()],
            Bilan.objects.get(pk=self.bilan.pk).contenu,
            archive_remise(self.commission),
        )

    def jouer(self) -> None:
        for _ in range(ACTES_PAR_SUITE):
            acte = self.hasard.choice(ACTES)
            try:
                acte(self)
                issue = "fait"
            except ValidationError as refus:
                issue = f"refusé : {refus.messages[0]}"
            self.journal.append(f"{acte.__name__} {issue}")
            assert self.etat() == self.fige, "\n".join(self.journal)

    # --- les actes ---

    def importer(self) -> None:
        """Une grille de plus, un intitulé corrigé, une correspondance déclarée autrement."""
        referentiel = self.hasard.choice(list(Referentiel.objects.all()))
        brut = json.loads(ContenuReferentiel(referentiel).texte())
        rang = len(brut["grilles"]) + 1
        brut["grilles"].append(brut["grilles"][0] | {"version": str(rang), "arrondi": "demi_proche"})
        brut["competences"][0]["intitule"] = f"Tenir autrement {rang}"
        brut["anterieurs"] = [{"diplome": "AUTRE", "repondent": [{"code": "X", "competences": ["C1"]}]}]
        importe(brut)

    def epingler(self) -> None:
        promotion = self.hasard.choice(list(Promotion.objects.all()))
        vers = self.hasard.choice(list(promotion.referentiel.grilles.all()))
        montre = apercu_de_grille(promotion, vers).empreinte
        mettre_en_service(promotion, vers, self.president, timezone.now(), montre)

    def noter(self) -> None:
        if self.hasard.random() < 0.5:
            self.lieu.en_seconde(C1=self.hasard.randrange(2))
        else:
            self.lieu.en_premiere(C2=self.hasard.randrange(4))

    def changer(self) -> None:
        lou = Eleve.objects.select_related("promotion__referentiel").get(pk=self.lieu.lou.pk)
        classes = Classe.objects.exclude(promotion=lou.promotion)
        vers = self.hasard.choice(list(classes.select_related("annee", "promotion__referentiel")))
        prevu = apercu(lou.promotion, vers, Eleve.objects.filter(pk=lou.pk))
        statut = Statut.objects.get(referentiel__code="PRO", code="sco")
        changer(prevu, statut, vers.annee.premier_jour, self.lieu.admin, timezone.now())

    def deplacer(self) -> None:
        deplacer(Dossier.objects.get(pk=self.dossier.pk), self.autre)


ACTES: list[Callable[[SuiteDeChangements], None]] = [
    SuiteDeChangements.importer,
    SuiteDeChangements.epingler,
    SuiteDeChangements.noter,
    SuiteDeChangements.changer,
    SuiteDeChangements.changer,
    SuiteDeChangements.deplacer,
]


@pytest.mark.parametrize("graine", range(4))
def test_rien_de_fige_ne_bouge(db: None, graine: int) -> None:
    suite = SuiteDeChangements(graine)
    suite.jouer()
    faits = {ligne.split()[0] for ligne in suite.journal if ligne.endswith("fait")}
    assert "changer" in faits, suite.journal
    assert ChangementDePromotion.objects.exists()

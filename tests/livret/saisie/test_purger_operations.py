"""La purge n'efface que ce dont aucun appareil n'a plus besoin, et jamais un niveau."""

import datetime
import uuid
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from livret.models import Observation, Operation, Situation
from tests import factories
from tests.monde import Monde


def operation(scene: Situation, jours: int) -> Operation:
    identifiant = uuid.uuid4()
    return Operation.objects.create(
        uuid=identifiant,
        situation=scene,
        auteur=scene.auteur,
        case="d1-1",
        texte="2",
        chaine=identifiant,
        resultat=Operation.Resultat.ENREGISTRE,
        recue_le=timezone.now() - datetime.timedelta(days=jours),
    )


def scene(monde: Monde, etat: str, finie_depuis: int) -> Situation:
    fin = timezone.localdate() - datetime.timedelta(days=finie_depuis)
    return factories.situation(monde.a.classe, monde.a.enseignant, etat=etat, debut=fin, fin=fin)


def purger(*options: str) -> str:
    sortie = StringIO()
    call_command("purger_operations", *options, stdout=sortie)
    return sortie.getvalue()


def test_ce_qui_part_et_ce_qui_reste(monde: Monde) -> None:
    close = scene(monde, Situation.Etat.CLOSE, 20)
    ouverte_recente = scene(monde, Situation.Etat.OUVERTE, 20)
    ouverte_ancienne = scene(monde, Situation.Etat.OUVERTE, 200)
    operation(close, 181)
    operation(ouverte_ancienne, 181)
    restent = [
        operation(close, 179),
        operation(ouverte_ancienne, 179),
        operation(ouverte_recente, 181),
        operation(ouverte_recente, 900),
    ]
    niveaux = Observation.objects.count(), Observation.history.count()
    assert purger() == "Opérations effacées\xa0: 2\xa0; gardées\xa0: 4.\n"
    assert set(Operation.objects.all()) == set(restent)
    assert (Observation.objects.count(), Observation.history.count()) == niveaux


def test_l_age_se_choisit_mais_pas_trop_court(monde: Monde) -> None:
    recente = operation(scene(monde, Situation.Etat.CLOSE, 60), 40)
    with pytest.raises(CommandError, match="au moins 30 jours"):
        purger("--jours", "29")
    assert list(Operation.objects.all()) == [recente]
    assert purger("--jours", "30") == "Opérations effacées\xa0: 1\xa0; gardées\xa0: 0.\n"

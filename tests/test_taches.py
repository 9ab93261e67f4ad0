"""Les tâches de fond : aucune ne se perd quand un ouvrier est tué, horaires compris, en base ou en Redis."""

import os
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import redis
from django.core import mail
from django.db import transaction
from django.utils import timezone
from django_q.brokers import get_broker
from django_q.conf import Conf
from django_q.models import OrmQ, Schedule
from django_q.scheduler import scheduler
from django_q.tasks import async_task

from tests.certification.lot.test_ouvrier import DELAI, achever, attendre, equipe_a_tuer, ouvrier, tuer
from tests.monde import Monde
from tests.ouvrage import toutes_les_taches, une_tache
from trpm.accueil import avis
from trpm.taches.courtiers import MARGE
from trpm.taches.en_redis import EnRedis
from trpm.taches.file import enfiler, quelqu_un_travaille
from trpm.taches.horaires import HORAIRES, poser_les_horaires

ESSAI = "tests.essai_de_tache.patienter"


def repond(prise: Path) -> bool:
    """Sa prise paraît avant qu'il écoute."""
    with suppress(redis.ConnectionError):
        return bool(redis.Redis(unix_socket_path=str(prise)).ping())
    return False


@pytest.fixture
def serveur_redis(tmp_path: Path):
    """Un Redis à soi, sur une prise Unix."""
    if shutil.which("redis-server") is None:
        pytest.skip("redis-server est introuvable : apt-get install redis-server")
    prise = tmp_path / "redis.sock"
    lance = subprocess.Popen(
        ["redis-server", "--port", "0", "--unixsocket", str(prise), "--save", "", "--dir", str(tmp_path)],
        stdout=subprocess.DEVNULL,
    )
    attendre(lambda: repond(prise))
    yield f"unix://{prise}"
    lance.terminate()
    lance.wait()


def commences(dossier: Path) -> list[int]:
    return [int(un.name.removeprefix("commence-")) for un in dossier.glob("commence-*")]


def en_file() -> int:
    return sum(une.func() == ESSAI for une in OrmQ.objects.all())


@pytest.mark.django_db(transaction=True)
def test_un_ouvrier_tue_est_remplace_et_sa_tache_presentee_de_nouveau(tmp_path):
    enfiler(ESSAI, str(tmp_path))
    equipe = ouvrier(tmp_path)
    try:
        attendre(lambda: commences(tmp_path))
        os.kill(commences(tmp_path)[0], signal.SIGKILL)
        assert en_file() == 1
        OrmQ.objects.update(lock=timezone.now() - timedelta(seconds=1))
        attendre(lambda: (tmp_path / "fini").exists())
        attendre(lambda: not en_file())
    finally:
        equipe.terminate()
    assert equipe.wait(DELAI) == 0
    assert len(commences(tmp_path)) == 2


@pytest.mark.django_db(transaction=True)
def test_un_horaire_dont_l_equipe_est_tuee_n_est_pas_perdu(tmp_path):
    hier = timezone.now() - timedelta(days=1)
    Schedule.objects.create(
        name="essai", func=ESSAI, args=repr((str(tmp_path),)), schedule_type=Schedule.DAILY, next_run=hier,
        cluster="trpm",
    )  # fmt: skip
    premiere = equipe_a_tuer(tmp_path)
    attendre(lambda: commences(tmp_path))
    tuer(premiere)
    assert Schedule.objects.get(name="essai").next_run > timezone.now()
    OrmQ.objects.update(lock=timezone.now() - timedelta(seconds=1))
    achever(tmp_path)
    assert (tmp_path / "fini").exists()


@pytest.mark.django_db(transaction=True)
def test_rien_ne_s_inscrit_si_ce_qui_le_demande_est_annule(tmp_path):
    with transaction.atomic():
        enfiler(ESSAI, str(tmp_path))
        transaction.set_rollback(True)
    assert not OrmQ.objects.exists()


@pytest.mark.django_db
def test_le_bail_suit_le_delai_de_la_tache():
    enfiler(ESSAI, "court")
    enfiler(ESSAI, "long", delai=3600)
    assert not quelqu_un_travaille()
    courtier = get_broker()
    for attendu in (Conf.TIMEOUT, 3600):
        ((numero, _),) = courtier.dequeue()
        reste = (OrmQ.objects.get(pk=numero).lock - timezone.now()).total_seconds()
        assert attendu < reste <= attendu + MARGE
    assert quelqu_un_travaille()


def test_en_redis_une_tache_n_est_oubliee_qu_une_fois_rendue(serveur_redis, monkeypatch):
    monkeypatch.setattr(Conf, "REDIS", serveur_redis)
    courtier = EnRedis("essai")
    async_task(ESSAI, "un", broker=courtier)
    async_task(ESSAI, "deux", broker=courtier, timeout=3600)
    (premiere,), (seconde,) = courtier.dequeue(), courtier.dequeue()
    assert (courtier.dequeue(), courtier.queue_size(), courtier.lock_size()) == (None, 0, 2)
    avenir = time.time() + Conf.TIMEOUT + MARGE + 1
    monkeypatch.setattr("trpm.taches.en_redis.time.time", lambda: avenir)
    assert (courtier.dequeue(), courtier.dequeue()) == ([premiere], None)
    courtier.acknowledge(premiere[0])
    courtier.acknowledge(seconde[0])
    assert (courtier.queue_size(), courtier.lock_size()) == (0, 0)
    assert redis.from_url(serveur_redis).keys() == []


@pytest.mark.django_db(transaction=True)
def test_de_vrais_ouvriers_en_redis(serveur_redis, tmp_path, monkeypatch):
    """Le même réglage pour le site et pour ses ouvriers ; l'équipe tuée net, la suivante finit."""
    monkeypatch.setattr(Conf, "REDIS", serveur_redis)
    monkeypatch.setenv("REDIS_DES_TACHES", serveur_redis)
    courtier = EnRedis("trpm")
    async_task(ESSAI, str(tmp_path), broker=courtier)
    premiere = equipe_a_tuer(tmp_path)
    attendre(lambda: commences(tmp_path))
    tuer(premiere)
    file = redis.from_url(serveur_redis)
    file.zadd("django_q:trpm:q", dict.fromkeys(file.zrange("django_q:trpm:q", 0, -1), time.time() - 1))
    achever(tmp_path)
    assert ((tmp_path / "fini").exists(), courtier.queue_size(), courtier.lock_size()) == (True, 0, 0)


@pytest.mark.django_db
def test_les_horaires_se_posent_une_fois_et_gardent_leur_passage():
    poser_les_horaires()
    assert set(Schedule.objects.values_list("name", flat=True)) == {un.nom for un in HORAIRES}
    demain = timezone.now() + timedelta(days=1)
    Schedule.objects.update(next_run=demain)
    Schedule.objects.create(name="ancien", func="abandonnee")
    poser_les_horaires()
    assert set(Schedule.objects.values_list("name", "next_run")) == {(un.nom, demain) for un in HORAIRES}


@pytest.mark.parametrize("maintenant", [datetime(2026, 3, 27, 12), datetime(2026, 3, 30, 6, 59)])
def test_l_avis_part_le_lundi_a_sept_heures_de_l_ete_aussi(maintenant):
    (avis_du_lundi,) = (un for un in HORAIRES if un.nom == "avis")
    passage = avis_du_lundi.premier(timezone.make_aware(maintenant))
    assert timezone.localtime(passage).isoformat() == "2026-03-30T07:00:00+02:00"


@pytest.mark.django_db(transaction=True)
def test_chaque_horaire_s_execute():
    """La fonction que nomme chaque horaire existe, et passe sur une base vide."""
    poser_les_horaires()
    Schedule.objects.update(next_run=timezone.now() - timedelta(hours=1))
    scheduler()
    assert OrmQ.objects.count() == len(HORAIRES)
    toutes_les_taches()


@pytest.mark.django_db
def test_un_avis_refuse_n_en_retient_aucun_autre(monde: Monde, settings, monkeypatch):
    settings.ADRESSE_DU_SITE = "https://livret.example.fr"
    for compte in (monde.a.enseignant, monde.a.president):
        type(compte).objects.filter(pk=compte.pk).update(avis=True, email=f"{compte.username}@example.fr")
    attendus = {un.user.email for un in avis.avis_du(timezone.now())}
    assert len(attendus) >= 2, "Le monde n'a plus de quoi éprouver l'avis."
    avis.preparer()
    premiere = OrmQ.objects.order_by("pk")[0].task["args"]
    monkeypatch.setattr("trpm.courriel.EmailMessage.send", lambda _: (_ for _ in ()).throw(OSError))
    with pytest.raises(OSError, match="n’a pas pris"):
        une_tache()
    monkeypatch.undo()
    toutes_les_taches()
    enfiler("trpm.accueil.avis.avertir", *premiere)  # présentée de nouveau
    enfiler("trpm.accueil.avis.avertir", *premiere)
    toutes_les_taches()
    assert sorted(un.to[0] for un in mail.outbox) == sorted(attendus)

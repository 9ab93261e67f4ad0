"""Après le figement, tous les champs du livret et du référentiel changent : pas un octet ne bouge."""

import datetime
from hashlib import sha256
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import Error, models, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from certification.models import VersionFigee
from tests.certification.scene import decider, figer, lu

MODELES = [modele for app in ("livret", "referentiel") for modele in apps.get_app_config(app).get_models()]
CHAMPS = [(m, champ) for m in MODELES for champ in m._meta.concrete_fields if not champ.primary_key]


def valeur(champ: models.Field, texte: str, nombre: int) -> Any:
    """Une autre valeur du même genre ; pour un lien, un autre objet du même modèle."""
    if champ.remote_field is not None:
        autres = models.QuerySet(champ.related_model).order_by("-pk").values_list("pk", flat=True)
        return autres[nombre % max(len(autres), 1)] if autres else None
    if isinstance(champ, models.BooleanField):
        return bool(nombre % 2)
    if isinstance(champ, models.DateTimeField):
        return datetime.datetime(2027, 1, 1, tzinfo=datetime.UTC) + datetime.timedelta(days=nombre)
    if isinstance(champ, models.DateField):
        return datetime.date(2027, 1, 1) + datetime.timedelta(days=nombre)
    if isinstance(champ, models.IntegerField | models.DecimalField):
        return nombre
    if isinstance(champ, models.JSONField):
        return {"autre": texte}
    if isinstance(champ, models.BinaryField):
        return texte.encode()
    return texte[: champ.max_length or 50]


def changer(modele: type[models.Model], champ: models.Field, texte: str, nombre: int) -> bool:
    """Change le champ de toutes les lignes si la base l'accepte, sinon d'une seule ; vrai si c'est fait."""
    lignes = models.QuerySet(modele)
    for cible in (lignes, lignes.filter(pk=lignes.values_list("pk", flat=True).first())):
        try:
            with transaction.atomic():
                if cible.update(**{champ.attname: valeur(champ, texte, nombre)}):
                    return True
        except (Error, ValidationError, ValueError):
            continue
    return False


@pytest.fixture
def version(monde, camille) -> VersionFigee:
    decider(monde, camille)
    return figer(monde, camille)


def intacte(version: VersionFigee) -> bool:
    apres = VersionFigee.objects.get(pk=version.pk)
    relue = lu(version.dossier).grille.vers_json()
    return (
        apres.contenu.encode() == version.contenu.encode()
        and relue == version.contenu
        and sha256(apres.contenu.encode()).hexdigest() == version.empreinte
    )


def test_chaque_champ_l_un_apres_l_autre(version):
    changes = [f"{m.__name__}.{c.name}" for m, c in CHAMPS if changer(m, c, "Tout autre", 3)]
    assert {"Eleve.nom", "Evaluation.niveau", "Competence.intitule", "Niveau.libelle", "Poids.valeur"} <= set(
        changes
    )
    assert len(changes) >= 120
    assert intacte(version)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    choisis=st.lists(st.integers(0, len(CHAMPS) - 1), min_size=1, max_size=12),
    texte=st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=40),
    nombre=st.integers(0, 30),
)
def test_plusieurs_champs_au_hasard(version, choisis, texte, nombre):
    for rang in choisis:
        changer(*CHAMPS[rang], texte, nombre)
    assert intacte(version)

"""Des gestes que les tests des bilans partagent."""

import re

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from livret.models import Bilan

CHAMP = re.compile(r'name="(lu_[a-z_]+)" value="([^"]*)"')


def url(nom: str, pk: int, semestre: int | None = None) -> str:
    return reverse(f"livret:{nom}", args=[pk]) + (f"?semestre={semestre}" if semestre else "")


def jetons(reponse: HttpResponse) -> dict[str, str]:
    """Ce que la page montrait, tel que le formulaire le renvoie."""
    return dict(CHAMP.findall(reponse.content.decode()))


def saisie(client: Client, bilan: Bilan, **champs: object) -> dict[str, object]:
    """Ce que renverrait la page ouverte maintenant, avec ces champs changés."""
    reponse = client.get(bilan.get_absolute_url())
    form = reponse.context["form"]
    initiales = {nom: form[nom].initial for nom in form.champs}
    postees = {
        nom: getattr(valeur, "pk", valeur)
        for nom, valeur in (initiales | champs).items()
        if valeur not in (None, False)
    }
    return {**jetons(reponse), **postees}


def ecrire(client: Client, bilan: Bilan, **champs: object) -> HttpResponse:
    return client.post(url("bilan-update", bilan.pk), saisie(client, bilan, **champs))


def messages(reponse: HttpResponse) -> list[str]:
    return [str(message).replace("\u00a0", " ") for message in reponse.context["messages"]]


def relu(bilan: Bilan) -> Bilan:
    return Bilan.objects.get(pk=bilan.pk)

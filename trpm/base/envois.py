"""Le même envoi reçu deux fois n'est fait qu'une : la seconde réponse est la première.

Chaque formulaire porte un numéro tiré au sort, que `{% csrf_token %}` écrit. Tout ce que fait un envoi tient
dans une transaction avec sa ligne `EnvoiRecu` : interrompu, rien n'est écrit et il peut être refait ; reçu
deux fois au même instant, le second attend le premier sur la contrainte d'unicité.
"""

from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from typing import Any

from django.contrib import messages
from django.db import IntegrityError, models, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.utils import timezone

CHAMP = "envoi"
GARDE = timedelta(days=7)
DEJA_RECU = "Cet envoi avait déjà été reçu\xa0: il n’est enregistré qu’une fois."


class EnvoiRecu(models.Model):
    """Un formulaire envoyé : ce qu'il portait en dernier, et où il a mené."""

    cle = models.CharField("numéro", max_length=64, unique=True)
    empreinte = models.CharField("empreinte", max_length=64)
    suite = models.TextField("suite", blank=True)
    recu_le = models.DateTimeField("reçu le", db_index=True)

    class Meta:
        verbose_name = "envoi"

    def __str__(self) -> str:
        return f"envoi du {self.recu_le}"


def une_fois(request: HttpRequest, vue: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    """La réponse de la vue ; celle déjà faite si ce même envoi a déjà abouti.

    N'aboutit que ce qui mène ailleurs sans dire d'erreur : une page rendue (saisie à corriger, aperçu) peut
    se renvoyer. Un fragment de page garde son numéro d'un envoi au suivant : ceux-là se protègent eux-mêmes.
    """
    if request.method != "POST" or "HX-Request" in request.headers or not request.POST.get(CHAMP):
        return vue()
    if request.headers.get("Sec-Fetch-Mode", "navigate") != "navigate":
        return vue()
    cle = _condense(request.user.pk, request.get_full_path(), request.POST[CHAMP])
    empreinte = _empreinte(request)
    with transaction.atomic():
        envoi = _prendre(cle)
        if envoi.empreinte == empreinte:
            messages.info(request, DEJA_RECU)
            return HttpResponseRedirect(envoi.suite)
        reponse = vue()
        if suite := _suite(request, reponse):
            envoi.empreinte, envoi.suite, envoi.recu_le = empreinte, suite, timezone.now()
            envoi.save()
        elif not envoi.empreinte:
            envoi.delete()
    return reponse


def aboutie(reponse: HttpResponse, suite: str) -> HttpResponse:
    """Une page qui dit ce qui vient d'être fait, et qui ne se redira pas (un mot de passe, un lien secret) ;
    le même envoi reçu de nouveau mène à `suite`."""
    reponse.suite = suite  # type: ignore[attr-defined]
    return reponse


def _suite(request: HttpRequest, reponse: HttpResponseBase) -> str:
    dits = getattr(messages.get_messages(request), "_queued_messages", ())
    if any(un.level >= messages.ERROR for un in dits):
        return ""
    return reponse.url if isinstance(reponse, HttpResponseRedirect) else getattr(reponse, "suite", "")


def _prendre(cle: str) -> EnvoiRecu:
    """La ligne de cet envoi, verrouillée ; neuve, elle est sans empreinte."""
    EnvoiRecu.objects.filter(recu_le__lt=timezone.now() - GARDE).delete()
    try:
        with transaction.atomic():
            return EnvoiRecu.objects.create(cle=cle, recu_le=timezone.now())
    except IntegrityError:
        return EnvoiRecu.objects.select_for_update().get(cle=cle)


def _empreinte(request: HttpRequest) -> str:
    champs: list[Any] = [
        (nom, valeurs) for nom, valeurs in sorted(request.POST.lists()) if nom != "csrfmiddlewaretoken"
    ]
    for nom, fichiers in sorted(request.FILES.lists()):
        for fichier in fichiers:
            contenu = sha256(b"".join(fichier.chunks())).hexdigest()
            fichier.seek(0)
            champs.append((nom, fichier.name, contenu))
    return _condense(*champs)


def _condense(*valeurs: object) -> str:
    return sha256("\x1f".join(map(repr, valeurs)).encode(errors="surrogatepass")).hexdigest()

from django.http import HttpResponse
from django.shortcuts import render

from livret.niveaux import touches_des_mentions
from livret.personnes.requete import Requete
from trpm.acces import connecte


@connecte
def aide(request: Requete) -> HttpResponse:
    return render(request, "livret/classe/aide.html", {"touches_des_mentions": touches_des_mentions(())})

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from trpm.acces import connecte


@connecte
def accueil(request: HttpRequest) -> HttpResponse:
    return render(request, "livret/accueil.html")

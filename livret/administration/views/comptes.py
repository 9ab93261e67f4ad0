"""Administration des comptes : rôles dans l'établissement, accès remis, accès fermés.

Un compte qui a une attache ailleurs ne se remet, ne se modifie ni ne se ferme d'ici (404) : ce
serait prendre, par lui, des droits dans l'autre établissement.
"""

from __future__ import annotations

import logging

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.db.models import Prefetch, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from livret.administration.comptes import (
    changer_roles,
    desactiver,
    ouvrir_compte,
    ouvrir_comptes_eleves,
    remettre_mot_de_passe,
)
from livret.administration.forms.comptes import (
    CompteForm,
    IdentiteForm,
    RattachementForm,
    RolesForm,
)
from livret.administration.invitations import inviter, rattacher, repondre
from livret.administration.pages import (
    A,
    Fil,
    classe_administree,
    etablissement_administre,
    fil_classes,
    page_formulaire,
)
from livret.administration.remise import page_acces
from livret.personnes.models.compte import (
    Appartenance,
    Etablissement,
    Utilisateur,
    UtilisateurQuerySet,
)
from livret.personnes.models.eleve import Eleve
from livret.personnes.models.invitation import Invitation
from livret.personnes.requete import Requete, saisie
from trpm.acces import connecte, requires
from trpm.base.envois import aboutie
from trpm.courriel import courriel_regle
from trpm.garde.reseau import adresse_du_site

journal = logging.getLogger(__name__)

INVITEE = "« {} » est invité\xa0: son rôle vaudra quand la personne l’aura accepté, depuis son accueil."


def _fil(lieu: Etablissement) -> Fil:
    return [(reverse("livret:comptes", args=[lieu.pk]), "Comptes")]


def _comptes(request: Requete, lieu: Etablissement) -> UtilisateurQuerySet:
    ici = Appartenance.objects.for_user(request.user, A).filter(etablissement=lieu)
    return Utilisateur.objects.for_user(request.user, A).filter(
        Q(pk__in=ici.values("utilisateur"))
        | Q(eleve__etablissement=lieu)
        | Q(pk__in=Utilisateur.objects.filter(enfants__eleve__etablissement=lieu).values("pk"))
    )


def _compte(request: Requete, lieu: Etablissement, pk: int) -> Utilisateur:
    return get_object_or_404(_comptes(request, lieu).select_related("eleve"), pk=pk)


def _compte_exclusif(request: Requete, lieu: Etablissement, pk: int) -> Utilisateur:
    """Le compte, s'il n'a d'attache que dans les établissements administrés par la personne."""
    exclusifs = _comptes(request, lieu).exclusifs(request.user.etablissements(A))
    return get_object_or_404(exclusifs.select_related("eleve"), pk=pk)


def _invitation_partie(request: Requete, compte: Utilisateur) -> bool:
    """Vrai si le courriel est parti ; sinon la page dit pourquoi, et montre ce qu'il faut remettre."""
    if refus := inviter(compte, adresse_du_site(request)):
        messages.warning(request, refus)
        return False
    messages.success(request, f"L’invitation de {compte.nom_complet} est partie à {compte.email}.")
    return True


@requires(A)
def comptes(request: Requete, pk: int) -> HttpResponse:
    lieu = etablissement_administre(request, pk)
    ici = Appartenance.objects.for_user(request.user, A).filter(etablissement=lieu).order_by("pk")
    liste = (
        Utilisateur.objects.for_user(request.user, A)
        .filter(pk__in=ici.values("utilisateur"))
        .prefetch_related(Prefetch("appartenances", ici, to_attr="roles_ici"))
        .order_by("last_name", "first_name", "username")
    )
    page = {
        "etablissement": lieu,
        "onglet": "comptes",
        "comptes": liste,
        "eleves_avec": Eleve.objects.filter(etablissement=lieu, utilisateur__isnull=False).count(),
        "invitations": lieu.invitations.select_related("utilisateur"),
    }
    return render(request, "livret/administration/comptes.html", page)


@requires(A)
@never_cache
def compte_create(request: Requete, pk: int) -> HttpResponse:
    lieu = etablissement_administre(request, pk)
    form = CompteForm(saisie(request))
    if request.method == "POST" and form.is_valid():
        acces = ouvrir_compte(form.save(commit=False), lieu, form.cleaned_data["roles"])
        if form.cleaned_data.get("inviter") and _invitation_partie(request, acces.compte):
            return redirect("livret:comptes", pk)
        remise = page_acces(request, lieu, [acces], _fil(lieu), "Compte créé")
        return aboutie(remise, reverse("livret:comptes", args=[pk]))
    return page_formulaire(
        request,
        form,
        etablissement=lieu,
        onglet="comptes",
        titre="Nouveau compte",
        bouton="Créer le compte",
        aide="Un mot de passe provisoire et un lien d’invitation seront affichés une seule fois, à remettre.",
        fil=_fil(lieu),
    )


@requires(A)
def compte_rattacher(request: Requete, pk: int) -> HttpResponse:
    lieu = etablissement_administre(request, pk)
    form = RattachementForm(saisie(request))
    if request.method == "POST" and form.is_valid():
        if rattacher(form.compte, lieu, form.cleaned_data["roles"], request.user):
            messages.success(request, f"{form.compte.nom_complet} a maintenant un rôle dans l’établissement.")
        else:
            messages.success(request, INVITEE.format(form.cleaned_data["identifiant"]))
        return redirect("livret:comptes", pk)
    return page_formulaire(
        request,
        form,
        etablissement=lieu,
        onglet="comptes",
        titre="Rattacher un compte existant",
        bouton="Inviter cette personne",
        aide="Pour une personne qui exerce aussi dans un autre établissement\xa0: elle accepte depuis son "
        "accueil, et garde son mot de passe.",
        fil=_fil(lieu),
    )


@connecte
@require_POST
def invitation(request: Requete, pk: int) -> HttpResponse:
    """Le titulaire du compte, et lui seul, accepte ou refuse."""
    objet = get_object_or_404(
        Invitation.objects.select_related("etablissement"), pk=pk, utilisateur=request.user
    )
    accepte = "accepter" in request.POST
    repondre(objet, accepte)
    issue = "Vous avez maintenant un rôle dans" if accepte else "Vous avez refusé l’invitation de"
    messages.success(request, f"{issue} {objet.etablissement}.")
    return redirect("accueil")


@requires(A)
def compte(request: Requete, etablissement: int, pk: int) -> HttpResponse:
    lieu = etablissement_administre(request, etablissement)
    titulaire = _compte(request, lieu, pk)
    tenus = list(titulaire.appartenances.filter(etablissement=lieu).values_list("role", flat=True))
    form = RolesForm(saisie(request), initial={"roles": tenus})
    if request.method == "POST" and form.is_valid():
        try:
            changer_roles(titulaire, lieu, form.cleaned_data["roles"])
        except ValidationError as refus:
            form.add_error("roles", refus)
        else:
            messages.success(request, f"Les rôles de {titulaire.nom_complet} sont enregistrés.")
            return redirect("livret:comptes", lieu.pk)
    page = {"etablissement": lieu, "onglet": "comptes", "chemin": _fil(lieu), "form": form}
    return render(request, "livret/administration/compte.html", page | _acces_de(request, lieu, titulaire))


def _acces_de(request: Requete, lieu: Etablissement, titulaire: Utilisateur) -> dict[str, object]:
    """Ce que l'administrateur peut de l'accès de cette personne."""
    exclusifs = _comptes(request, lieu).exclusifs(request.user.etablissements(A))
    exclusif = exclusifs.filter(pk=titulaire.pk).exists()
    return {
        "titulaire": titulaire,
        "eleve": getattr(titulaire, "eleve", None),
        "exclusif": exclusif,
        "courriel_regle": courriel_regle(),
        "second_facteur": exclusif and is_mfa_enabled(titulaire),
    }


@requires(A)
def compte_identite(request: Requete, etablissement: int, pk: int) -> HttpResponse:
    lieu = etablissement_administre(request, etablissement)
    titulaire = _compte_exclusif(request, lieu, pk)
    adresse = reverse("livret:compte", args=[lieu.pk, pk])
    nom = titulaire.nom_complet
    form = IdentiteForm(saisie(request), instance=titulaire)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, f"L’identité de {titulaire.nom_complet} est enregistrée.")
        return redirect(adresse)
    return page_formulaire(
        request,
        form,
        etablissement=lieu,
        onglet="comptes",
        titre=f"Identité de {nom}",
        bouton="Enregistrer l’identité",
        fil=[*_fil(lieu), (adresse, nom)],
    )


@requires(A)
@never_cache
@require_POST
def compte_mot_de_passe(request: Requete, etablissement: int, pk: int) -> HttpResponse:
    lieu = etablissement_administre(request, etablissement)
    titulaire = _compte_exclusif(request, lieu, pk)
    if titulaire == request.user:
        return redirect("mot-de-passe")
    acces = remettre_mot_de_passe(titulaire)
    journal.info("mot de passe du compte %s remis par le compte %s", titulaire.pk, request.user.pk)
    if request.POST.get("forme") == "courriel" and _invitation_partie(request, titulaire):
        return redirect("livret:compte", lieu.pk, pk)
    fil = [*_fil(lieu), (reverse("livret:compte", args=[lieu.pk, pk]), titulaire.nom_complet)]
    return page_acces(request, lieu, [acces], fil, "Nouveau mot de passe")


@requires(A)
@require_POST
def compte_second_facteur(request: Requete, etablissement: int, pk: int) -> HttpResponse:
    """Retire le second facteur de qui a perdu son téléphone ; le sien se retire de son compte."""
    lieu = etablissement_administre(request, etablissement)
    titulaire = _compte_exclusif(request, lieu, pk)
    if titulaire == request.user:
        return redirect("mfa_index")
    Authenticator.objects.filter(user=titulaire).delete()
    journal.info("second facteur du compte %s retiré par le compte %s", titulaire.pk, request.user.pk)
    messages.success(request, f"{titulaire.nom_complet} n’a plus de second facteur.")
    return redirect("livret:compte", lieu.pk, pk)


@requires(A)
@require_POST
def compte_activite(request: Requete, etablissement: int, pk: int) -> HttpResponse:
    """Ferme ou rouvre l'accès ; personne ne ferme le sien."""
    lieu = etablissement_administre(request, etablissement)
    titulaire = _compte_exclusif(request, lieu, pk)
    if titulaire == request.user:
        messages.error(request, "Vous ne pouvez pas désactiver votre propre compte.")
    elif titulaire.is_active:
        _desactiver(request, titulaire, lieu)
    else:
        titulaire.is_active = True
        titulaire.save(update_fields=["is_active"])
        messages.success(request, f"Le compte de {titulaire.nom_complet} est réactivé.")
    return redirect("livret:compte", lieu.pk, pk)


def _desactiver(request: Requete, titulaire: Utilisateur, lieu: Etablissement) -> None:
    try:
        desactiver(titulaire, lieu)
    except ValidationError as refus:
        messages.error(request, " ".join(refus.messages))
    else:
        messages.success(request, f"Le compte de {titulaire.nom_complet} est désactivé.")


@requires(A)
@never_cache
def classe_comptes(request: Requete, pk: int) -> HttpResponse:
    """Ouvre en une fois les comptes des élèves de la classe qui n'en ont pas."""
    classe = classe_administree(request, pk)
    lieu = classe.etablissement
    eleves = Eleve.objects.presents(classe).filter(utilisateur__isnull=True)
    fil = fil_classes(lieu, classe)
    if request.method == "POST":
        try:
            acces = ouvrir_comptes_eleves(eleves, request.user)
        except IntegrityError:
            messages.error(request, "Un identifiant vient d’être pris ; recommencez.")
            return redirect("livret:classe-comptes", pk)
        if acces:
            remise = page_acces(request, lieu, acces, fil, f"Comptes de {classe}")
            return aboutie(remise, reverse("livret:classe-effectif", args=[pk]))
        messages.warning(request, "Tous les élèves de la classe ont déjà un compte.")
        return redirect("livret:classe-effectif", pk)
    page = {"etablissement": lieu, "onglet": "classes", "chemin": fil, "classe": classe, "eleves": eleves}
    return render(request, "livret/administration/comptes_eleves.html", page)

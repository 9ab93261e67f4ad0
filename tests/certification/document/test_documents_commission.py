"""Procès-verbal, bordereau, convocations, fiche bilan, synthèse : relus par un lecteur indépendant."""

import datetime
from io import BytesIO

import pikepdf
import pytest

from certification.document import releves, tirage
from certification.dossier.resultats import dossiers_lus
from certification.models import Commission, Dossier
from livret.models import Eleve
from tests import factories
from tests.certification.document.test_documents_pdf import pages
from tests.certification.scene import (
    COMMISSION,
    adresse,
    decider,
    figer,
    lu,
    statuts,
)
from tests.litanie import requetes
from trpm.impression.assemblage import pdf_reunis


def releve(monde) -> releves.Releve:
    return releves.releve(dossiers_lus(monde.a.commission.dossiers.all()))


def balises(octets: bytes) -> dict[str, int]:
    """Combien de fois chaque balise, en parcourant l'arbre ; chaque élément n'y est qu'une fois."""
    comptes: dict[str, int] = {}
    with pikepdf.open(BytesIO(octets)) as lu_autrement:
        pages_lues = {page.obj.objgen for page in lu_autrement.pages}
        pile, vues = [lu_autrement.Root.StructTreeRoot.K], set()
        while pile:
            element = pile.pop()
            if isinstance(element, pikepdf.Array):
                pile.extend(element)
            elif isinstance(element, pikepdf.Dictionary) and "/S" in element:
                assert element.objgen not in vues
                assert "/Pg" not in element or element.Pg.objgen in pages_lues
                vues.add(element.objgen)
                comptes[str(element.S)] = comptes.get(str(element.S), 0) + 1
                if "/K" in element:
                    pile.append(element.K)
    return comptes


@pytest.mark.parametrize("nom", ["bilan-pdf", "synthese-pdf"])
def test_qui_imprime_un_document_de_dossier(monde, camille, nom):
    assert statuts(monde, adresse(nom, camille.pk)) == COMMISSION


def test_qui_imprime_ceux_de_la_commission(monde):
    pk = monde.a.commission.pk
    assert statuts(monde, adresse("bordereau", pk)) == COMMISSION
    assert statuts(monde, adresse("convocations", pk)) == {
        **COMMISSION,
        "membre": 403,
        "membre d’une autre commission": 403,
    }


def test_le_proces_verbal_dit_qui_etait_la_et_ce_qui_est_propose(monde, president, camille):
    commission = monde.a.commission
    factories.membre(commission, None, "professionnel", "M. Tour")
    commission.membres.filter(nom="M. Tour").update(present=False)
    commission.membres.exclude(nom="M. Tour").update(present=True)
    Eleve.objects.filter(pk=camille.eleve_id).update(numero_candidat="02612345")
    camille.observations, camille.motif_ecart = "Parcours régulier.", "Progrès constants."
    decider(monde, camille, "16.5")
    tout = " ".join(pages(president.get(adresse("proces-verbal", commission.pk)).content))
    for attendu in (
        "Procès-verbal de la commission de certification",
        "Document de travail, tous les dossiers ne sont pas figés",
        "EP1 Préparer · unité U1",
        "M. Tour représentant du monde professionnel absent",
        "Le représentant du monde professionnel n’est pas présent ; son absence n’invalide pas",
        "02612345",
        "ALPHA-A1 Camille",
        "Note calculée 15,0 / 20 ; motif de l’écart : Progrès constants.",
        "Parcours régulier.",
        "16,5 / 20",
        "ALPHA-A2 Dominique",
        "Non arrêtée",
        "Le chef de centre ou son représentant : nom, signature",
        "page 1 / 1",
    ):
        assert attendu in tout, attendu


def test_une_absence_et_un_ponctuel_s_y_lisent_comme_tels(monde, camille, dominique):
    Dossier.objects.filter(pk=camille.pk).update(situation="absent_non_justifie")
    Eleve.objects.filter(pk=dominique.eleve_id).update(
        statut=monde.referentiel.statuts.get(code="hors-contrat")
    )
    assert [notes for _, notes in releve(monde).lignes()] == [
        ("absent non justifié",),
        ("épreuve ponctuelle (pratique, 4 h)",),
    ]


def test_tout_fige_il_porte_une_empreinte_et_la_commission_d_alors(monde, president, camille, dominique):
    decider(monde, camille)
    decider(monde, dominique, "7", C1=1, C2=1)
    assert (releve(monde).figee_le, releve(monde).empreinte) == (None, "")
    figer(monde, camille)
    assert releve(monde).figee_le is None
    figer(monde, dominique)
    avant = releve(monde)
    type(monde.a.commission).objects.filter(pk=monde.a.commission.pk).update(lieu="Ailleurs")
    Eleve.objects.update(nom="CHANGÉ")
    apres = releve(monde)
    assert (apres.commission, apres.empreinte) == (avant.commission, avant.empreinte)
    assert [str(candidat) for candidat, _ in apres.lignes()] == ["ALPHA-A1 Camille", "ALPHA-A2 Dominique"]
    (texte,) = pages(president.get(adresse("bordereau", monde.a.commission.pk)).content)
    assert f"le dernier le 3 juin 2026 à 17 h 04 · empreinte {avant.empreinte[:16]}" in texte
    assert "Document de travail" not in texte
    assert "15,0 / 20" in texte


def test_un_candidat_ponctuel_n_empeche_pas_de_tout_figer(monde, camille, dominique):
    decider(monde, camille)
    figer(monde, camille)
    Eleve.objects.filter(pk=dominique.eleve_id).update(
        statut=monde.referentiel.statuts.get(code="hors-contrat")
    )
    assert releve(monde).figee_le is not None


def test_une_composition_changee_entre_deux_figements_se_dit(monde, camille, dominique):
    decider(monde, camille)
    figer(monde, camille)
    monde.a.commission.membres.update(present=True)
    assert [str(p.candidat) for p in releve(monde).autres_compositions] == ["ALPHA-A1 Camille"]


def test_une_convocation_par_membre(monde, president):
    factories.membre(monde.a.commission, None, "professionnel", "M. Tour")
    lettres = pages(president.get(adresse("convocations", monde.a.commission.pk)).content)
    assert len(lettres) == 2
    jour = monde.a.commission.date
    assert isinstance(jour, datetime.date)
    for attendu in ("M. Tour", "représentant du monde professionnel", "EP1 Préparer", str(jour.year)):
        assert attendu in lettres[1], attendu
    assert "M. Tour" not in lettres[0]


def test_une_reunion_a_un_proces_verbal_un_bordereau_et_une_convocation_par_personne(monde, president):
    """Qui siège à deux épreuves vient une fois ; le chef de centre convoque, il n'est pas convoqué."""
    autre = factories.commission(monde.a.promotion, "EP2", [monde.a.membre])
    factories.membre(autre, monde.a.president, "president", "Mme Proviseure")
    for eleve in monde.a.eleves:
        factories.dossier(autre, eleve)
    reunion = factories.reunion(monde.a.commission, autre)
    Commission.objects.filter(reunion=reunion).update(date=reunion.date, heure="14:30", lieu="Salle 12")
    (lettre,) = pages(president.get(adresse("reunion-convocations", reunion.pk)).content)
    for attendu in ("EP1 Préparer", "EP2 Réaliser", "14 h 30", "Salle 12"):
        assert attendu in lettre, attendu
    for nom in ("reunion-proces-verbal", "reunion-bordereau"):
        tout = " ".join(pages(president.get(adresse(nom, reunion.pk)).content))
        for attendu in ("ALPHA-A1", "ALPHA-A2", "EP1", "EP2", reunion.intitule, "Document de travail"):
            assert attendu in tout, (nom, attendu)
        for commission in (monde.a.commission, autre):
            assert commission.intitule not in tout.replace(reunion.intitule, ""), (nom, commission.intitule)


def test_le_releve_d_une_reunion_cite_la_reunion_et_tous_ses_membres(monde, camille):
    """Qui siège à toutes les épreuves n'y est qu'une fois ; les autres disent les leurs."""
    autre = factories.commission(monde.a.promotion, "EP2", [monde.a.membre])
    factories.membre(autre, None, "professionnel", "M. Tour")
    reunion = factories.reunion(monde.a.commission, autre)
    Commission.objects.filter(reunion=reunion).update(date=reunion.date, lieu=reunion.lieu)
    factories.dossier(autre, camille.eleve)

    def tire() -> releves.Releve:
        return releves.releve(dossiers_lus(Dossier.objects.filter(commission__reunion=reunion)), reunion)

    citee = tire().commission
    assert (citee.intitule, citee.date, citee.lieu) == (reunion.intitule, reunion.date, reunion.lieu)
    assert [(m.nom, m.qualite_libelle) for m in citee.membres] == [
        (monde.a.membre.nom_complet, "enseignant du domaine professionnel"),
        ("M. Tour", "représentant du monde professionnel (EP2)"),
    ]
    assert [epreuve.code for epreuve in tire().epreuves] == ["EP1", "EP2"]
    assert (tire().ailleurs, tire().autres_compositions) == ((), ())

    monde.a.commission.membres.update(present=True)
    Commission.objects.filter(pk=autre.pk).update(lieu="Atelier")
    decider(monde, camille)
    figer(monde, camille)
    tiree = tire()
    assert [(m.qualite_libelle, m.present) for m in tiree.commission.membres][:2] == [
        ("enseignant du domaine professionnel (EP1)", True),
        ("enseignant du domaine professionnel (EP2)", None),
    ]
    assert [(code, une.lieu) for code, une in tiree.ailleurs] == [("EP2", "Atelier")]
    assert tiree.autres_compositions == ()  # figé avec les membres que le document cite
    assert [(p.version, bool(p.empreinte)) for p in tiree.propositions if p.empreinte] == [(1, True)]


def test_sans_membre_ou_sans_candidat_rien_ne_s_imprime(monde, president):
    vide = factories.commission(monde.a.promotion, "EP2")
    vide.membres.all().delete()
    for nom in ("convocations", "proces-verbal", "bordereau"):
        assert president.get(adresse(nom, vide.pk)).status_code == 404


def test_la_fiche_bilan_montre_chaque_niveau_et_aucune_note(monde, president, camille):
    formative = factories.situation(
        monde.a.classe, monde.a.enseignant, intitule="Exercice de seconde", nature="formative"
    )
    factories.evaluation(formative, camille.eleve, "C2", 1)
    decider(monde, camille, "16.5")
    tout = " ".join(pages(president.get(adresse("bilan-pdf", camille.pk)).content))
    for attendu in (
        "Fiche bilan individuel",
        "2 Étude de gamme A, 13 mars 2026, centre de formation",
        "1 Exercice de seconde",
        "(non retenue)",
        "3 Bien maîtrisé",
        "Gamme cohérente",
        "Signature du candidat",
    ):
        assert attendu in tout, attendu
    assert [note for note in ("16,5", "15,0", "/ 20 ") if note in tout] == []


def test_la_synthese_seule_dit_ce_que_dit_la_quatrieme_piece(president, camille):
    seule = " ".join(pages(president.get(adresse("synthese-pdf", camille.pk)).content))
    piece = pages(president.get(adresse("dossier-pdf", camille.pk)).content)[-1]
    ligne = "C1 Lire un plan 2 Partiellement maîtrisé Étude de gamme A, 13 mars 2026"
    assert (ligne in seule, ligne in piece) == (True, True)


# --- Archive et balises -----------------------------------------------------------------------


@pytest.mark.parametrize("nom", ["grille-pdf", "dossier-pdf", "bilan-pdf", "synthese-pdf"])
def test_l_archive_est_un_pdf_a3_avec_l_instantane_a_l_octet_pres(monde, president, camille, nom):
    decider(monde, camille)
    assert president.get(adresse(nom, camille.pk) + "?archive=1").status_code == 404
    version = figer(monde, camille)
    courant = president.get(adresse(nom, camille.pk)).content
    archive = president.get(adresse(nom, camille.pk) + "?archive=1").content
    assert pages(archive) == pages(courant)
    assert balises(archive) == balises(courant)
    with pikepdf.open(BytesIO(archive)) as ouvert:
        assert ouvert.attachments["instantane.json"].get_file().read_bytes() == version.contenu.encode()
        assert {str(jointe.AFRelationship) for jointe in ouvert.Root.AF} == {"/Data"}
        assert str(ouvert.Root.Lang) == "fr"
        with ouvert.open_metadata() as xmp:
            assert (xmp["pdfaid:part"], xmp["pdfaid:conformance"]) == ("3", "A")
            assert "ALPHA-A1 Camille" in xmp["dc:title"]
    with pikepdf.open(BytesIO(courant)) as ouvert, ouvert.open_metadata() as xmp:
        assert (xmp["pdfuaid:part"], list(ouvert.attachments)) == ("1", [])


def test_un_lot_garde_les_balises_la_langue_et_le_titre(monde, president, camille, dominique):
    seuls = [president.get(adresse("dossier-pdf", d.pk)).content for d in (camille, dominique)]
    lot = tirage.pdf(dossiers_lus(monde.a.commission.dossiers.all()), "dossiers", processus=1)
    attendues = {"/Document": 1}
    for seul in seuls:
        for role, combien in balises(seul).items():
            attendues[role] = attendues.get(role, 0) + combien
    assert balises(lot) == attendues
    with pikepdf.open(BytesIO(lot)) as ouvert:
        racine = ouvert.Root
        assert (bool(racine.MarkInfo.Marked), str(racine.Lang)) == (True, "fr")
        numeros = [int(numero) for numero in list(racine.StructTreeRoot.ParentTree.Nums)[::2]]
        assert numeros == sorted(set(numeros))
        assert [int(page.obj.StructParents) for page in ouvert.pages] == numeros[: len(ouvert.pages)]
        assert not ouvert.check_pdf_syntax()
        with ouvert.open_metadata() as xmp:
            assert (xmp["pdfuaid:part"], xmp["dc:title"]) == ("1", "Dossiers")


def test_reunir_des_pdf_sans_balises_ne_pretend_pas_l_etre():
    vierge = pikepdf.new()
    vierge.add_blank_page()
    sortie = BytesIO()
    vierge.save(sortie)
    with pikepdf.open(BytesIO(pdf_reunis([sortie.getvalue()] * 2))) as reunis:
        assert (len(reunis.pages), "/MarkInfo" in reunis.Root) == (2, False)


def test_requetes(monde, president):
    url = adresse("bordereau", monde.a.commission.pk)
    monde.a.dossiers[1].delete()
    un = requetes(lambda: president.get(url))
    for rang in range(2):
        factories.dossier(monde.a.commission, factories.eleve(monde.a.classe, f"ALPHA-A{rang + 3}"))
    assert (un, requetes(lambda: president.get(url))) == (26, 26)
    assert lu(monde.a.dossiers[0]).version is None

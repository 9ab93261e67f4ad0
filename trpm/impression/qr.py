"""Un QR code dessiné en SVG, ses couleurs en attributs : la politique de contenu et le PDF l'acceptent."""

from django.utils.safestring import SafeString, mark_safe

from trpm.base.a_la_demande import ALaDemande

segno = ALaDemande("segno")


def qr(adresse: str, titre: str) -> SafeString:
    dessin = segno.make(adresse, micro=False, error="m").svg_inline(
        omitsize=True, svgclass="qr", lineclass=None, border=4, dark="#000000", light="#ffffff", title=titre
    )
    return mark_safe(dessin.replace("<svg ", '<svg role="img" ', 1))

from django.urls import URLPattern, URLResolver

app_name = "referentiel"
urlpatterns: list[URLPattern | URLResolver] = []

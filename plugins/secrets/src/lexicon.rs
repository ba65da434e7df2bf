//! Names of services that give out keys, in lower case without signs. A random value beside one of them is taken for its
//! key even where no word says so. Names that are everyday words, or beside which other random values stand (commits at a
//! code host, digests at a registry), are left out on purpose.

/// Separated by white space; sorted when the policy is configured.
pub(crate) const NAMES: &str = "
abbyy abstractapi abuseipdb accuweather activecampaign adafruitio adobeio agora aha airbrake airship airtable
airvisual aiven alchemy alchemyapi alconost alegra aletheiaapi algolia alibabacloud allsports amadeus ambee
amplitude anthropic anypoint apacta apify apideck apiflash apifonica apilayer apimatic apimetrics apininjas apitemplate apollo
appcues appfollow appointedd appoptics appsflyer apptivo appveyor arangodb artsy asana assemblyai atera audd auth0
autodesk autoklose autopilot avaza aviationstack axonaut aylien ayrshare azuredevops
bannerbear baremetrics beamer beebole besnappy besttime betterstack billomat bingmaps bitcoinaverage bitfinex bitlyaccesstoken
bitmex blablabus blazemeter blitapp blocknative blogger bombbomb boostnote borgbase braintree brandfetch braze browserstack
browshot buddyns budibase bugherd bugsnag buildkite bulbul bulksms buttercms
caflou calendarific calendly calorieninja campayn cannyio capsulecrm captaindata carboninterface cashboard caspio censys
centralstationcrm cexio chartmogul chatbot chatfuel chatra checio checklyhq checkout checkvist cicero circleci
clarifai clearbit clickhelp clicksend clicksendsms clickup cliengo clientary clinchpad clockify clockworksms closecrm
cloudant cloudconvert cloudelements cloudflare cloudimage cloudinary cloudmersive cloudplan cloverly cloze clustdoc
coda codacy codeclimate codecov codemagic codequiry coinapi coinbase coinlayer coinlib coinmarketcap coinranking collect2
column commercejs commodities companyhub confluent contentful contentstack conversiontools convert convertapi convertkit convier
copper copyscape coresignal countrylayer courier coveralls crowdin cryptocompare currencycloud currencyfreaks
currencylayer currencyscoop currentsapi customerguru customerio
d7network dailyco dandelion dareboost databox databricks datadog datagov datahub dbtcloud debounce deepai deepgram deepl
deepseek delighted demio dependencytrack deputy detectify detectlanguage dfuse diffbot diggernaut digitalocean directus
discogs discourse disqus ditto dnscheck docparser documo docusign dotdigital dotmailer dovico dovetail dropboxsign
dronahq droneci duply dwolla dynadot dynalist dynatrace
easyinsight easypost ecostruxure edamam edenai eightxeight elasticemail elevenlabs enablex endorlabs enigma envoy enviosapi
etherscan ethplorer eventbrite everhour exchangerateapi exchangeratesapi exportsdk extractorapi
facebook facepp faceplusplus fastforex fastly feedier fetchrss fibery fibre figma fileio finage financialmodelingprep findl
finicity finnhub firebase fixer fixerio flatio fleetbase flexport flickr flightapi flightlabs flightstats float
flowflu flutterwave fmfw foreupai formbucket formcraft formio formsite foursquare frameio freshbooks freshdesk
freshworks friendbuy fulcrum fullstory fusebill fxmarket
geckoboard gemini gengo geoapify geocode geocodify geocodio geoipifi getemail getemails getgeoapi getgist getresponse getsandbox
gigaspaces giphy gitter glassnode gocanvas gocardless goodday googlemaps grafana graphcms graphhopper groovehq groq gtmetrix guardianapi
gumroad gyazo
happyscribe harvest hellosign helpcrunch helpscout hereapi heroku hive hiveage holidayapi holistic honeycomb host4 hotjar
html2pdf hubspot huggingface humanity hunterio hybiscus hypertrack
iconfinder iexapis iexcloud imagekit imagga impala infobip inflectra infura insightly inspirehep integromat intercom
interseller intrinio invoiceocean ip2location ipapi ipdata ipgeolocation ipify ipinfo ipinfodb ipquality ipqualityscore ipstack
ironio ironsource
jdbc jotform jsonbin jumpcloud jupiterone juro
kanban kanbantool karmacrm keenio keycdn kickbox kipu klaviyo klipfolio knapsackpro kontent kraken kucoin
kylas
langsmith languagelayer lastfm launchdarkly leadfeeder legiscan lemlist lemonsqueezy lendflow lepton lessannoyingcrm lexigram
linearapi linemessaging linenotify linkpreview liveagent livestorm loadmill localazy locationiq loggly loginradius logzio
lokalise loopio loyverse luno
macaddress madkudu magnetic mailboxlayer mailchimp mailerlite mailgun mailjet mailmodo mailsac mandrill mapbox mapquest marketstack
mattermost maxmind mavenlink meaningcloud mediastack meistertask mesibo messagebird metaapi metabase metrilo microlink
microsoftteams mindmeister mite mixmax mixpanel mockaroo moderation monkeylearn moonclerk moosend moralis mrticktock mux myexperiment
myfreshworks myintervals mymappi
nasdaq nasdaqdatalink nethunt netlify netcore neutrinoapi newrelic newsapi newscatcher newsdata nexmo nftport ngc ngrok nicereply nightfall
nimble nitro noticeable notionapi nozbe nugetorg numverify nutritionix nvidia nylas nytimes
oanda okta omnisend onedesk onelogin onepagecrm onesignal onfleet onwater oopspam openai opencagedata opencage openaq
opencalais opengraphr openexchangerates openrouter openuv openvpn openweather openweathermap opsgenie optimizely owlbot owm
packagecloud pagarme pagerduty pandadoc pandascore parabola paralleldots parsehub parsers parseur particleio partnerstack passbase
pastebin paydirtapp paymo paymongo paypal paystack pdflayer pdfshift peopledatalabs pepipost percy perplexity personio pinata
pinecone pipedream pipedrive pivotaltracker pixabay plaid planviewleankit planyo plivo podio pollsapi poloniex polygonio
positionstack postageapp postbacks postmark powrbot privacy procurify prodpad productboard prospect prospectcrm prospectio
proxycrawl pubnub purestake pushbullet pusher pyowm
qase qonversion qualaroo qubole quickmetrics quicknode
rapidapi raven rawg razorpay reachmail readme reallysimplesystems rebrandly recaptcha rechargepayments recruitee refiner rentman
repairshopr replicate replyio requestfinance restpack restpackhtmltopdf restpackscreenshot revai revampcrm revenuecat ringcentral
ritekit roaring roblox rocketchat rocketreach rockset roninapp rollbar route4me rownd rubygems runrunit
salesblink salescookie salesflare salesforce salesloft salesmate sanity satismeter saucelabs scalewaykey scalr
scrapeowl scraperapi scraperbox scraperbee scrapersite scrapestack scrapfly scrapingant scrapingbee screenshotapi
screenshotlayer scrutinizerci securitytrails segmentapi selectpdf semaphore sendbird sendbirdorg sendgrid sendinblue sendpulse
sentiment sentry serpapi serpstack serphouse servicenow sheety sherpadesk shipday shippo shipstation shodan shopify
shortcut shotstack shutterstock sigopt signable signalwire signaturit signupgenius simfin simplesat simplynoted simvoly
sinchmessage sirv siteleaf skrapp skybiometry slackapp slite smartsheet smartsheets smartystreets smooch snipcart snowflake snyk
softlayer solarwinds sonar sonarcloud sonarqube sourcegraph sparkpost speechtextai splunk spoonacular sportradar sportsmonk spotify
squareup squarespace sslmate statuscake statuspage statuspal stitchdata stockdata stormboard stormglass storyblok storychief
strava streak stripe stripo stytch sugester sumologic supabase supernotes surveyanyplace surveybot surveymonkey surveysparrow survicate
swell swiftype synthesia
tableau talenthr tallyfy tatumio tavily taxjar teamgate teamwork teamworkcrm teamworkdesk teamworkspaces technicalanalysisapi tefter
telegram telesign telnyx teletype testingbot text2data textmagic theoddsapi thinkific thousandeyes ticketmaster tickettailor
tiingo timecamp timezoneapi tlycom tmdb tmetric tokeet todoist toggltrack tomorrowio tomtom tradier transferwise travelpayouts travisci
trelloapi trufflehog truora tru twelvedata twilio twist twitch twitter tyntec typeform typetalk tly
ubidots uclassify unbounce unify unifyid unplugg unplu unsplash uplead uploadcare upcdatabase uptimerobot upwave urlscan userflow userstack
vagrantcloud vatlayer vbout vercel verifier verimail veriphone versioneye viewneo virustotal visualcrossing voiceflow voicegain
voodoosms vouchery vpnapi vultr vyte
walkscore wandb wakatime weatherbit weatherapi weatherstack web3storage webex webflow webscraper webscraping webhookrelay
websitepulse wepay whatsapp whoxy wikimapia wistia wit worldcoinindex worldweather worksnaps wrike
xata xero xinterio
yandexcloud yelp yodiz youneedabudget youtube yousign
zapier zapierwebhook zendesk zenhub zenkit zenrows zenscrape zenserp zeplin zerobounce zerossl zipapi zipbooks zipcodeapi zipcodebase
zoho zoom zonkafeedback zulipchat
";

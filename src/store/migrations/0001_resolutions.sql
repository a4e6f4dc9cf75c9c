CREATE TABLE "resolutions" (
	"venue" text NOT NULL,
	"symbol" text NOT NULL,
	"yes_value_1e9" numeric(60,0) NOT NULL,
	CONSTRAINT "resolutions_venue_symbol_pk" PRIMARY KEY("venue","symbol")
);

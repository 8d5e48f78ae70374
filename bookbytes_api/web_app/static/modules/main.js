/** What every page loads. Each element of its own is defined in the module of its name. */
import "./add_book.js";
import "./api_form.js";
import "./copy_button.js";
import { startElements } from "./elements.js";
import "./epub_drop.js";
import "./feed_address.js";
import { startNavigation } from "./navigation.js";
import { startOffline } from "./offline/registration.js";
import "./password_reset.js";
import "./player/book_player.js";
import "./shelf_search.js";
import "./shown_once.js";

startNavigation();
startElements();
void startOffline();

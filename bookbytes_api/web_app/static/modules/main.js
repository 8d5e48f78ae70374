/** What every page loads. Each element of its own is defined in the module of its name. */
import "./add_book.js";
import "./api_form.js";
import "./barcode.js";
import "./copy_button.js";
import "./epub_drop.js";
import "./job_progress.js";
import "./password_reset.js";
import "./player/book_player.js";
import "./read_along.js";
import "./shown_once.js";
import { startNavigation } from "./navigation.js";
import "./offline/keep_book.js";
import "./offline/kept_books.js";
import { startOffline } from "./offline/registration.js";

startNavigation();
void startOffline();

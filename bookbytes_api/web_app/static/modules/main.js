/** What every page loads. Each element of its own is defined in the module of its name. */
import "./api_form.js";
import { startNavigation } from "./navigation.js";

startNavigation();

import { acme } from "./connector.js";
import { serve } from "./serve.js";

serve(acme);

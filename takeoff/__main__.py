from takeoff.cli import main

raise SystemExit(main())

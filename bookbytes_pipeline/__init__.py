"""The pipeline that turns an ISBN into chapter audio; importing it loads nothing."""

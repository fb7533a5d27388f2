"""Says why the bucket or the disk did not take or give an artifact: MLflow answers `Internal Server Error`, the reason in its log."""

import logging

# As for a fault of MLflow's own, clients try again after it.
STATUS = 503


def answer_faults(flask_app, app) -> None:
    """For both halves of the server: Flask's routes, and those of FastAPI, which move the artifacts."""
    import boto3.exceptions
    import botocore.exceptions
    from fastapi.responses import JSONResponse

    def body(error: Exception) -> dict[str, str]:
        message = f"the server's artifact store: {' '.join(str(error).split())}"
        logging.getLogger("uvicorn.error").error(message)
        return {"error_code": "TEMPORARILY_UNAVAILABLE", "message": message}

    async def answer(_request, error: Exception) -> JSONResponse:
        return JSONResponse(body(error), STATUS)

    for fault in (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError, boto3.exceptions.Boto3Error, OSError):
        app.add_exception_handler(fault, answer)
        flask_app.register_error_handler(fault, lambda error: (body(error), STATUS))
